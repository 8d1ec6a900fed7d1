"""Clips of the world from a reference model: frames in chunks, as they are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.lighter import pruned, quantised
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.batches import to_frames
from lvbench.world.condition import conditions
from lvbench.world.grammar import Shot

CHUNK = 16


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """Say which clip is wanted.

    Attributes:
        shots: What is to be seen, by `lvbench.world.grammar.schedule`.
        seed: Seed of its noise.
        id: Name of the clip, which keys its noise too.
    """

    shots: tuple[Shot, ...]
    seed: int
    id: str = ""


def generate(
    network: LoopNet,
    requests: Sequence[ClipRequest],
    seconds: float,
    switches: Switches | None = None,
    *,
    chunk: int = CHUNK,
) -> Iterator[NDArray[np.uint8]]:
    """Yield chunks of all clips, `uint8 (clips, T, size, size, 3)` RGB, T up to `chunk`.

    The clips are one batch, made in step; memory does not grow with their length.

    Args:
        network: A network, by `lvbench.reference.checkpoint.load_network`.
        requests: The clips; another grouping may move their last bits.
        seconds: Length.
        switches: How to sample; the default if left out.
        chunk: Frames of a chunk.
    """
    chosen = switches or Switches()
    network = prepared(network, chosen)
    fps = network.config.fps
    shots = [request.shots for request in requests]
    rollout = Rollout(
        network,
        chosen,
        lambda start, stop: _told(shots, fps, start, stop),
        [f"{request.seed}/{request.id}" for request in requests],
    )
    waiting: list[NDArray[np.uint8]] = []
    device = network.place.device
    half = chosen.dtype == "bfloat16"
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        for frame in rollout.frames(round(seconds * fps)):
            waiting.append(to_frames(frame))
            if len(waiting) == chunk:
                yield np.stack(waiting, 1)
                waiting = []
    if waiting:
        yield np.stack(waiting, 1)


def prepared(network: LoopNet, switches: Switches) -> LoopNet:
    """Return the network that switches ask for: pruned, in int8, or as it is."""
    if switches.prune:
        network = pruned(network, switches.prune)
    return quantised(network) if switches.dtype == "int8" else network


def _told(shots: Sequence[tuple[Shot, ...]], fps: float, start: int, stop: int) -> Prompts:
    return prompts_of([conditions((one, fps), start, stop) for one in shots])
