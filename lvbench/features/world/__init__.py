"""Encoders of lvbench's own world."""
