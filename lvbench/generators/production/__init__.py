"""Generate the videos of a run."""
