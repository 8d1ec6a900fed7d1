"""Protocols: schema, loading, lock, identity."""

DEFAULT_PROTOCOL = "lvb-open"
"""What runs where no protocol is named."""
