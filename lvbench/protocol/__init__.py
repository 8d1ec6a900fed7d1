"""Protocols: schema, loading, lock, identity."""
