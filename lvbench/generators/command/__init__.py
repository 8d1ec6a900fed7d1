"""Generators that are programs."""
