"""The reference long-clip diffusion model: network, training and samplers."""
