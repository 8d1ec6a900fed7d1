"""Metrics of cuts and of the joints between generated chunks."""
