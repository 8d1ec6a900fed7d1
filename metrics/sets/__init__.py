"""Metrics of whole sets of videos."""
