"""Generators: adapters that generate the clips of a protocol."""
