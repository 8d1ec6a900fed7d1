"""VBench's formulas, for comparison with published numbers."""
