"""Metrics of motion from frame to frame."""
