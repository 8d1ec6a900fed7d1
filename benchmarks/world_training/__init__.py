"""Training of the world's encoders: `python -m benchmarks.world_training --help`."""
