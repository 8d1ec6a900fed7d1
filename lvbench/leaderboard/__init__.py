"""Leaderboards: check and build."""
