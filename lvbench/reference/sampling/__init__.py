"""Sampling: switches, denoising schedules and the autoregressive rollout."""
