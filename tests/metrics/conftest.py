"""Clips on which faults are planted: procedural ones, and a few seconds of real ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from lvbench.world.clip import render_clip

Clip = NDArray[np.uint8]
FPS = 12.0


@cache
def _world(seed: int, seconds: float) -> Clip:
    return np.concatenate(list(render_clip(seconds, FPS, 192, 112, seed)))


@pytest.fixture(scope="session")
def world_clip() -> Callable[..., Clip]:
    """Return a maker of healthy procedural clips at 12 frames/s, `(seed, seconds)`."""

    def make(seed: int = 1, seconds: float = 8.0) -> Clip:
        return _world(seed, seconds)

    return make


@pytest.fixture(scope="session")
def real_clip(videos: Path) -> Callable[[str], tuple[Clip, float]]:
    """Return a reader of the first 6 s of a real video, 320 pixels wide, with its rate."""

    @cache
    def read(name: str, seconds: float = 6.0) -> tuple[Clip, float]:
        kept = []
        with open_video(videos / name, Products(small=320)) as reader:
            fps = reader.info.fps
            for chunk in reader:
                assert chunk.small is not None
                kept.append(chunk.small[chunk.pts < seconds])
                if chunk.pts[-1] >= seconds:
                    break
        assert fps is not None
        return np.concatenate(kept), fps

    return read
