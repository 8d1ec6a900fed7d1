"""The procedural world: clips with ground truth."""
