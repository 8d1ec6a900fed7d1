"""Sampling: switches, schedules and the engine that makes frames without end."""
