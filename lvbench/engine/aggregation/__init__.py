"""From item records to the scores of a run."""
