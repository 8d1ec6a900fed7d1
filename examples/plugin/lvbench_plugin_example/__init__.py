"""A metric, the extractor that it reads, and a generator for lvbench."""
