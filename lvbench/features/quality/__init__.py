"""Quality and aesthetics of single pictures."""
