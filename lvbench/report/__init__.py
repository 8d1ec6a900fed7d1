"""Reports of a run: page, tables, figures, citations."""
