"""Noise is drawn frame by frame: nothing in it repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.baselines.noise import Noise
from lvbench.generators.contract.base import Request

REQUEST = Request("a", (), 5.0, 8.0, 32, 16, 3)


def clip(seconds: float = 5.0, seed: int = 3) -> NDArray[np.uint8]:
    return np.concatenate(list(Noise().frames(replace(REQUEST, seconds=seconds, seed=seed))))


def test_every_frame_differs_and_fills_the_range() -> None:
    found = clip()
    assert found.shape == (40, 16, 32, 3)
    assert len({frame.tobytes() for frame in found}) == 40
    assert abs(found.mean() - 127.5) < 1
    assert (found.min(), found.max()) == (0, 255)


def test_a_longer_clip_begins_with_the_shorter_and_seeds_differ() -> None:
    assert np.array_equal(clip(2.0), clip()[:16])
    assert not np.array_equal(clip(2.0), clip(2.0, seed=-4))
