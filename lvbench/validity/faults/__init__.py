"""Faults of known dose that are planted in clips, to show what a metric reacts to."""
