"""Differences of a video from its original, frame by frame."""
