"""Make the videos of a run."""
