"""Detection and recognition of faces."""
