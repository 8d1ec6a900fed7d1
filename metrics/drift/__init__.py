"""Metrics of what changes slowly over the length of a video."""
