"""Sample clips of the world from a reference model, in chunks of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import methodcaller

import numpy as np
import torch
from numpy.typing import NDArray

from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.lighter import pruned, quantised
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.parallel import ParallelParts, split_batch
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.batches import to_frames
from lvbench.world.condition import conditions
from lvbench.world.grammar import Shot

CHUNK = 16


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """Request to sample one clip.

    Attributes:
        shots: The shots, from `lvbench.world.grammar.schedule`.
        seed: Seed of the noise.
        id: Name of the clip, also part of the noise key.
    """

    shots: tuple[Shot, ...]
    seed: int
    id: str = ""


def generate(
    network: LoopNet,
    requests: Sequence[SampleRequest],
    seconds: float,
    switches: Switches | None = None,
    *,
    chunk: int = CHUNK,
) -> Iterator[NDArray[np.uint8]]:
    """Yield chunks of all clips, `uint8 (clips, T, size, size, 3)` RGB, T up to `chunk`.

    The clips form one batch; memory does not grow with their length. The number of threads changes
    no bit: on a CPU, halves of the batch are sampled in parallel.

    Args:
        network: A network, from `lvbench.reference.checkpoint.load_network`.
        requests: The clips; another grouping may change their last bits.
        seconds: Length.
        switches: Sampling switches; the default if left out.
        chunk: Frames of a chunk.
    """
    chosen = switches or Switches()
    network = prepared(network, chosen)
    frames, device = round(seconds * network.config.fps), network.place.device
    makers = [_Maker(network, chosen, part, frames) for part in split_batch(requests, device)]
    with ParallelParts(device, len(makers)) as parallel:
        for first in range(0, frames, chunk):
            count = min(chunk, frames - first)
            yield np.concatenate(parallel.each(methodcaller("next", count), makers), 0)


class _Maker:
    """Sample the frames of some clips on demand."""

    def __init__(
        self, network: LoopNet, switches: Switches, requests: Sequence[SampleRequest], frames: int
    ) -> None:
        shots, fps = [request.shots for request in requests], network.config.fps
        rollout = Rollout(
            network,
            switches,
            lambda start, stop: _prompts_at(shots, fps, start, stop),
            [f"{request.seed}/{request.id}" for request in requests],
        )
        self._frames = rollout.frames(frames)
        self._kind, self._half = network.place.device.type, switches.dtype == "bfloat16"

    def next(self, count: int) -> NDArray[np.uint8]:
        """Return the next frames, `uint8 (clips, count, size, size, 3)`."""
        # Both settings are per thread, and threads may change between calls.
        with (
            torch.inference_mode(),
            torch.autocast(self._kind, dtype=torch.bfloat16, enabled=self._half),
        ):
            return np.stack([to_frames(next(self._frames)) for _ in range(count)], 1)


def prepared(network: LoopNet, switches: Switches) -> LoopNet:
    """Return the network as the switches require: pruned, in int8, or unchanged."""
    if switches.prune:
        network = pruned(network, switches.prune)
    return quantised(network) if switches.dtype == "int8" else network


def _prompts_at(shots: Sequence[tuple[Shot, ...]], fps: float, start: int, stop: int) -> Prompts:
    return prompts_of([conditions((one, fps), start, stop) for one in shots])
