"""Generators: adapters that make the clips."""
