"""Generators behind a web API."""
