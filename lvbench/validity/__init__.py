"""Planted faults: does a metric react to what it claims, and only that."""
