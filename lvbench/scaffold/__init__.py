"""Files of a new metric, generator or protocol, from templates."""
