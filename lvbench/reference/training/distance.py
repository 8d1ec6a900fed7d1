"""Fréchet distance of sampled clips to rendered ones during training."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from lvbench.features.registry import load
from lvbench.reference.config import NetworkConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.stats.frechet import frechet_distance
from lvbench.video.frames import Frames
from lvbench.world.draw import draw_shots, test_seed
from lvbench.world.world import World

CLIPS, LENGTH, WINDOWS = 16, 16, 3  # windows of a clip, back to back from its beginning
_FIRST_SEED = 600_000  # of the test seeds: neither validation's nor a protocol's
_BATCH = 2


def world_distance(network: LoopNet, level: int) -> float:
    """Return the Fréchet distance of clips sampled from their prompts to rendered clips.

    In the features of `world_video`, over 48 windows: fewer windows than features, so the value is
    comparable within one run only and is not `world_fvd`.
    """
    made = _sampled(network, level)
    return float(frechet_distance(_features(made), _true_features(network.config, level)))


def _sampled(network: LoopNet, level: int) -> NDArray[np.uint8]:
    wanted = [SampleRequest(world.shots, n, str(n)) for n, world in enumerate(_worlds(level))]
    seconds = LENGTH * WINDOWS / network.config.fps
    with torch.autocast("cpu", enabled=False):
        return np.concatenate(list(generate(network, wanted, seconds)), 1)


@lru_cache(maxsize=4)
def _true_features(network: NetworkConfig, level: int) -> NDArray[np.float64]:
    frames = LENGTH * WINDOWS
    clips = [one.render(0, frames, network.size, network.size) for one in _worlds(level)]
    return _features(np.stack(clips))


def _features(clips: NDArray[np.uint8]) -> NDArray[np.float64]:
    extractor = load("world_video")
    windows = clips.reshape(-1, LENGTH, *clips.shape[2:])
    found = []
    for first in range(0, len(windows), _BATCH):
        part = windows[first : first + _BATCH]
        frames = part.reshape(-1, *part.shape[2:])
        times = np.arange(len(frames), dtype=np.float64) / 8
        found.append(extractor(extractor.prepare(Frames(times, rgb=frames)))["features"])
    return np.concatenate(found).astype(np.float64)


def _worlds(level: int) -> list[World]:
    seeds = [test_seed(_FIRST_SEED + 1000 * level + n) for n in range(CLIPS)]
    return [World(draw_shots(level, seed, 64.0), seed, level=level) for seed in seeds]
