"""Video in and out: probe, decode, encode, manifest."""
