"""A small network in the place of I3D, for functions on arrays of videos."""

from __future__ import annotations

from typing import Any

import numpy as np


def clip_network(epsilon: float = 1e-3) -> Any:
    """Clips `(N, 3, T, 224, 224)` in [-1, 1] to logits `(N, 400)`, with a batch normalisation."""
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.AdaptiveAvgPool3d((3, 2, 2))
            self.norm = nn.BatchNorm3d(3, eps=epsilon)
            self.last = nn.Linear(36, 400)

        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            self.seen = clips.shape[2], float(clips.min()), float(clips.max())
            return self.last(self.norm(self.pool(clips)).flatten(1))

    torch.set_num_threads(1)  # its threads cost more than they give on pictures this small
    torch.manual_seed(0)
    network = Network().eval()
    network.norm.running_var.fill_(1e-3)
    return network


def videos(seed: int, n: int = 9, t: int = 9, size: int = 12) -> Any:
    """Random videos, uint8 `(n, t, size, size, 3)`, with a level of their own."""
    rng = np.random.default_rng(seed)
    level = rng.integers(40, 180, (n, 1, 1, 1, 3))
    return (level + rng.integers(-30, 60, (n, t, size, size, 3))).astype(np.uint8)
