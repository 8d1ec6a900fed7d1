"""Protocols: schema, loading, lock, identity."""

DEFAULT_PROTOCOL = "lvb-smoke"
"""What runs where no protocol is named."""
