"""Metrics of whether people, subjects and places stay the same."""
