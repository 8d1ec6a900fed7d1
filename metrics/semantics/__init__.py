"""Metrics of what the pictures show, against their text and over time."""
