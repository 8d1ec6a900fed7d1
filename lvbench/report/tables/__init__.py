"""Tables of scores in every format."""
