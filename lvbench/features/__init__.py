"""Extractors: what turns frames into features."""

from lvbench.features.registry import load

__all__ = ["load"]
