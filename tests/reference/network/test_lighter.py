"""Lighter networks say nearly the same as the one they come from."""

from __future__ import annotations

import torch

from lvbench.reference.network.lighter import Int8Linear, pruned, quantised
from lvbench.reference.network.loop_net import LoopNet
from tests.reference.conftest import CONFIG
from tests.reference.network.test_loop_net import prompts


def test_an_int8_product_is_near_the_exact_one() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 32)
    x = torch.randn(3, 5, 64)
    exact, made = layer(x).detach(), Int8Linear(layer)(x)
    assert made.shape == exact.shape
    assert float((made - exact).square().mean() / exact.square().mean()) < 1e-3


@torch.inference_mode()
def test_quantised_and_pruned_networks_follow_the_whole_one(network: LoopNet) -> None:
    frames, levels = torch.randn(1, 4, 3, 16, 16), torch.rand(1, 4)
    whole = network(frames, levels, prompts(1, 4))[0]

    def error(other: LoopNet) -> float:
        made = other(frames, levels, prompts(1, 4))[0]
        return float((made - whole).square().mean() / whole.square().mean())

    assert error(quantised(network)) < 0.05
    assert error(pruned(network, 0.0)) < 1e-10
    assert 0 < error(pruned(network, 0.1)) < error(pruned(network, 0.8))


def test_pruning_takes_units_out(network: LoopNet) -> None:
    before, after = (
        sum(p.numel() for p in n.parameters()) for n in (network, pruned(network, 0.5))
    )
    units = CONFIG.depth * 2 * CONFIG.width
    assert before - after == units * (2 * CONFIG.width + 1)
