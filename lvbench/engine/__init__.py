"""Plan, one pass, journal, aggregate."""
