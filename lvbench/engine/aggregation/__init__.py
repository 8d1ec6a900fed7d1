"""Aggregate item records to the scores of a run."""
