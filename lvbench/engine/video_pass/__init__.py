"""Read one video in one pass: decode, extract features, measure."""
