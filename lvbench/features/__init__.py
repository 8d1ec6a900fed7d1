"""Extractors: frames in, features out."""
