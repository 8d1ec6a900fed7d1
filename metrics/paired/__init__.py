"""Metrics of a video against its original, frame by frame."""
