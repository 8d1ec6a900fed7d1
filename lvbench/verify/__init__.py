"""Check a run folder against its own claims."""
