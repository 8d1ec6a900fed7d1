from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.features.signal.shots import Shots
from lvbench.features.stream import FeatureStream
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products

# What PySceneDetect 0.6.7.1's AdaptiveDetector finds in the first 480 frames, seconds.
_PYSCENEDETECT = {
    "big-buck-bunny-480p-30s.mp4": [11.875, 15.75],
    "worldmark_m5_bad.mp4": [15.0625],
    "mdn_friday.mp4": [],
}


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


@pytest.mark.assets
@pytest.mark.parametrize("name", _PYSCENEDETECT)
def test_cuts_are_those_of_pyscenedetect(videos: Path, name: str) -> None:
    found: list[float] = []
    seen = 0
    with open_video(videos / name, Products(small=256)) as reader:
        detect = Shots().start(reader.info.fps)
        for frames in reader:
            found.extend(detect(frames).t.tolist())
            seen += len(frames)
            if seen >= 480:
                break
    assert found == _PYSCENEDETECT[name]


def test_a_cut_too_soon_after_another_is_none(three_shots: np.ndarray) -> None:
    soon = np.concatenate([three_shots[:10], three_shots[20:24], three_shots[40:50]])
    assert _cuts(soon, 16, fps=10.0) == pytest.approx([1.0, 1.4])
    assert _cuts(soon, 16, fps=20.0) == pytest.approx([0.5])
