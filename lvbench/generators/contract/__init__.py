"""The contract between lvbench and a generator."""
