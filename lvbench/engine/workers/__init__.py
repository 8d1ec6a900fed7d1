"""Run worker processes, schedule their work and report their progress."""
