"""Define, load, lock and identify protocols."""

DEFAULT_PROTOCOL = "lvb-open"
"""Default protocol of evaluations."""

PROTOCOL_WITH_PROMPTS = "lvb-smoke"
"""Default protocol of generators, which need prompts."""
