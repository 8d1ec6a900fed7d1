"""Figures of a run, for pages and papers."""
