"""A step in parts: the gradients of the whole batch, the same bits on any number of threads."""

from __future__ import annotations

import pytest
import torch

from lvbench.reference.config import TrainingConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.training.batches import training_batch
from lvbench.reference.training.objective import NoisyBatch, add_noise, predicted, training_loss
from lvbench.reference.training.parts import BatchParts, split


def step(network: LoopNet, teacher: float, batch: int = 3) -> NoisyBatch:
    config = TrainingConfig(steps=1, batch=batch, levels=(0,), teacher_forcing=teacher, memory=1.0)
    return add_noise(training_batch(network.config, config, 0), config, 0)


def gradients(network: LoopNet) -> list[torch.Tensor]:
    return [p.grad.clone() for p in network.parameters() if p.grad is not None]


@pytest.mark.parametrize("teacher", [0.0, 1.0])
def test_parts_add_up_to_the_whole(network: LoopNet, teacher: float) -> None:
    given = step(network, teacher)
    loss = training_loss(predicted(network, given), given)
    loss.backward()
    whole = gradients(network)
    network.zero_grad()
    parts = BatchParts(network, "float32")
    assert parts.learn(given) == pytest.approx(loss.item(), rel=1e-5)
    for own, expected in zip(gradients(network), whole, strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(parts.predicted(given), predicted(network, given).detach())


def test_threads_move_no_bit(network: LoopNet) -> None:
    given = step(network, 1.0, batch=4)
    found = []
    for threads in (1, 2):
        BatchParts(network, "bfloat16", threads).learn(given)
        found.append(gradients(network))
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_parts_see_weights_that_have_moved(network: LoopNet) -> None:
    parts, given = BatchParts(network, "float32"), step(network, 0.0)
    before = parts.predicted(given)
    with torch.no_grad():
        network.pixels.bias += 0.5
    torch.testing.assert_close(parts.predicted(given), before + 0.5)


@pytest.mark.parametrize(("clips", "sizes"), [(1, [1]), (2, [1, 1]), (5, [2, 3])])
def test_a_batch_is_split_evenly(network: LoopNet, clips: int, sizes: list[int]) -> None:
    assert [len(part.clean) for part in split(step(network, 1.0, clips), 2)] == sizes
