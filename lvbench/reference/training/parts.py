"""Data-parallel training step: halves of a batch on separate cores, summed in fixed order."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from lvbench.reference.network.embedding import Prompts
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.parallel import PARTS, one_thread_each
from lvbench.reference.training.objective import NoisyBatch, predicted, training_loss

Found = TypeVar("Found")


class BatchParts:
    """Compute predictions and gradients of a batch, part by part.

    Neither the parts nor any bit depends on the number of threads. On two cores, two threads with
    half a batch each take little more than half the time; two threads that share every product
    take 0.8 of it.

    Args:
        network: The trained network; its weights may change in place between calls.
        dtype: Number type of matrix products.
        threads: Number of threads.
    """

    def __init__(self, network: LoopNet, dtype: str, threads: int = 1) -> None:
        self._network = network
        self._half = dtype == "bfloat16"
        # On a GPU one pass over the complete batch is faster.
        self._twins = [_twin(network) for _ in range(PARTS if self._device.type == "cpu" else 1)]
        workers = min(threads, len(self._twins))
        self._pool = one_thread_each(workers) if workers > 1 else None

    @property
    def _device(self) -> torch.device:
        return self._network.place.device

    def predicted(self, given: NoisyBatch) -> Tensor:
        """Return the predicted clean frames, without a gradient."""

        def part(twin: LoopNet, own: NoisyBatch) -> Tensor:
            with torch.no_grad():
                return predicted(twin, own)

        return torch.cat(self._each(part, given))

    def learn(self, given: NoisyBatch) -> float:
        """Set the gradients of the loss on the network's weights; return the loss."""

        def part(twin: LoopNet, own: NoisyBatch) -> float:
            loss = training_loss(predicted(twin, own), own) * (
                own.counted.sum() / given.counted.sum()
            )
            loss.backward()
            return float(loss.detach())

        losses = self._each(part, given)
        for parameter, *twins in zip(
            self._network.parameters(), *(twin.parameters() for twin in self._twins), strict=True
        ):
            found = [twin.grad for twin in twins if twin.grad is not None]
            parameter.grad = sum(found[1:], found[0]) if found else None
            for twin in twins:
                twin.grad = None
        return sum(losses)

    def _each(self, part: Callable[[LoopNet, NoisyBatch], Found], given: NoisyBatch) -> list[Found]:
        def one(twin: LoopNet, own: NoisyBatch) -> Found:
            # Threads do not inherit autocast.
            with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._half):
                return part(twin, own)

        shares = split(given, len(self._twins))
        run = self._pool.map if self._pool else map
        return list(run(one, self._twins[: len(shares)], shares))


def split(given: NoisyBatch, parts: int) -> list[NoisyBatch]:
    """Return a step's clips in up to `parts` groups, in order, each with its clean past."""
    clips = len(given.clean)
    edges = [clips * part // parts for part in range(parts + 1)]
    return [_clips(given, slice(a, b)) for a, b in itertools.pairwise(edges) if a < b]


def _clips(given: NoisyBatch, clips: slice) -> NoisyBatch:
    halves = [slice(0, len(given.clean))]
    if given.teacher:
        halves.append(slice(len(given.clean), len(given.frames)))

    def own(tensor: Tensor) -> Tensor:
        return torch.cat([tensor[half][clips] for half in halves])

    return replace(
        given,
        frames=own(given.frames),
        levels=own(given.levels),
        prompts=Prompts.joined([given.prompts[half][clips] for half in halves], 0),
        recalled=own(given.recalled),
        clean=given.clean[clips],
        counted=given.counted[clips],
    )


def _twin(network: LoopNet) -> LoopNet:
    """Return a copy of the network with shared weights and its own gradients."""
    twin = copy.deepcopy(network)
    for own, shared in zip(twin.parameters(), network.parameters(), strict=True):
        own.data = shared.data
    return twin
