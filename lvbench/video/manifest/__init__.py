"""The manifest of a folder of videos."""
