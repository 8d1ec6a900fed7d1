"""Metrics of the audio track and its timing."""
