"""Baselines without a learned model."""
