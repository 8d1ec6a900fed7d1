"""Training: batches of the world, the objective, the optimiser and the run."""
