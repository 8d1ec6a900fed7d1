"""Metrics of lvbench's own world, where the truth is known."""
