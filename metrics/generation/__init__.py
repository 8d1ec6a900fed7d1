"""Metrics of the generation itself."""
