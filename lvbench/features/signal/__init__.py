"""Statistics of pixels, without a network."""
