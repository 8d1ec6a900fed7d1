"""Extractors, which turn frames and audio into features."""

from lvbench.features.registry import load

__all__ = ["load"]
