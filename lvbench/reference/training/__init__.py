"""Training: batches of the world, objective, optimiser and training loop."""
