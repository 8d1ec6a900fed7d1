from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.features.shots import Shots
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames


def _cuts(small: np.ndarray, chunk: int, fps: float = 10.0) -> list[float]:
    found: list[float] = []

    def consume(name: str, features: Features) -> None:
        found.extend(features.t.tolist())

    stream = FeatureStream({"shots": Shots()}, fps, consume)
    times = np.arange(len(small)) / fps
    for start in range(0, len(small), chunk):
        part = slice(start, start + chunk)
        stream.push(Frames(times[part], small=small[part]))
    stream.finish()
    return found


@pytest.fixture
def three_shots() -> np.ndarray:
    rng = np.random.default_rng(0)
    shots = [rng.integers(0, 256, (1, 36, 64, 3), np.uint8) for _ in range(3)]
    return np.concatenate([np.repeat(shot, 20, axis=0) for shot in shots])


@pytest.mark.parametrize("chunk", [1, 7, 16])
def test_cuts_are_found_at_the_first_frame_of_the_new_shot(
    three_shots: np.ndarray, chunk: int
) -> None:
    assert _cuts(three_shots, chunk) == pytest.approx([2.0, 4.0])


def test_two_videos_do_not_mix(three_shots: np.ndarray) -> None:
    assert _cuts(three_shots[:20], 16) == []
    assert _cuts(three_shots[20:40], 16) == []
