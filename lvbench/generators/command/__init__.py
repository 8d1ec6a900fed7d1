"""Generators that are external programs."""
