"""Worker processes, their schedule and their progress."""
