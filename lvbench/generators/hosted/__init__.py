"""Generators behind a web service."""
