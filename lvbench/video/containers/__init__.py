"""Structure of container formats, read to find damage and times."""
