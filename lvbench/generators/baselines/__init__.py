"""Baselines without a model."""
