"""How the world's encoders are trained: `python -m lvbench.features.world_training --help`."""
