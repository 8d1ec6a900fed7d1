"""The run folder: schema, journal, loading."""
