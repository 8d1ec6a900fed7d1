"""Procedural clips with ground truth."""
