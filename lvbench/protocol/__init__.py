"""Protocols: schema, loading, lock, identity."""

DEFAULT_PROTOCOL = "lvb-open"
"""What runs where no protocol is named."""

PROTOCOL_WITH_PROMPTS = "lvb-smoke"
"""What a generator is asked for where no protocol is named: any videos need no prompts."""
