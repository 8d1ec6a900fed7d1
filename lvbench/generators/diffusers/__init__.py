"""Generators based on the diffusers library."""
