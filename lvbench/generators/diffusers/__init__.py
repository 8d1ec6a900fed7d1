"""Generators from the diffusers library."""
