"""A small network whose output layers are not zero, and requests for it."""

from __future__ import annotations

import pytest
import torch

from lvbench.reference.config import NetworkConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest
from lvbench.world.draw import draw_shots, test_seed

CONFIG = NetworkConfig(size=16, patch=8, width=32, depth=2, heads=2, window=6)


def small_network(seed: int = 0) -> LoopNet:
    """Return a random network that listens to all that it is given."""
    torch.manual_seed(seed)
    made = LoopNet(CONFIG)
    # Zero at the start, the output layers would hide what the rest sees.
    for parameter in made.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.2)
    return made.eval()


@pytest.fixture
def network() -> LoopNet:
    return small_network()


@pytest.fixture
def requests() -> list[SampleRequest]:
    return [
        SampleRequest(draw_shots(level, test_seed(level), 40.0), level, f"clip{level}")
        for level in (1, 3)
    ]
