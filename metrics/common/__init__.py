"""Shared code of several metrics."""
