"""One pass over one video: decode, extract, measure."""
