"""Write the clip of a source under a condition, with its line of a manifest."""
