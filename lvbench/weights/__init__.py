"""Weights of networks: catalogue, downloads, checksums and files."""
