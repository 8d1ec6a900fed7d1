"""How the world's encoders are trained: `python -m benchmarks.world_training --help`."""
