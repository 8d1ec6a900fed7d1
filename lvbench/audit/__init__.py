"""Audit a set of videos: its contents, and files to leave out."""
