"""Windows of the world are read alike whatever they come with, and planted faults are told."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.world_training.faults import PLANTED, finished
from benchmarks.world_training.samples import generator, held_out_clip
from lvbench.features import load
from lvbench.features.world.networks import FAULTS, LENGTH
from lvbench.features.world.world_video import WorldVideo
from lvbench.video.frames import Frames


@pytest.fixture(scope="module")
def extractor() -> WorldVideo:
    found = load("world_video")
    assert isinstance(found, WorldVideo)
    return found


@pytest.fixture(scope="module")
def windows() -> list[np.ndarray]:
    worlds = [held_out_clip(number % 4, number) for number in range(16)]
    return [world.render(100, 100 + LENGTH, 48, 48) for world in worlds]


def read(extractor: WorldVideo, windows: list[np.ndarray], name: str) -> np.ndarray:
    found = []
    for i in range(0, len(windows), extractor.spec.batch):
        part = np.concatenate(windows[i : i + extractor.spec.batch])
        found.append(extractor(Frames(np.arange(len(part)) / 8.0, rgb=part))[name])
    return np.concatenate(found)


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in ("freeze", "shuffle")])
def test_planted_faults_are_told_from_clean_windows(
    extractor: WorldVideo, windows: list[np.ndarray], name: str
) -> None:
    rng = generator(3, 0)
    spoilt = [finished(PLANTED[name](window.astype(np.float32), rng, 0.6)) for window in windows]
    clean, planted = (
        read(extractor, which, "faults")[:, FAULTS.index(name)] for which in (windows, spoilt)
    )
    assert (planted[:, None] > clean[None]).mean() > 0.9


def test_a_window_is_read_alike_alone_and_beside_another(
    extractor: WorldVideo, windows: list[np.ndarray]
) -> None:
    pair, alone = (read(extractor, which, "features") for which in (windows[:2], windows[:1]))
    np.testing.assert_array_equal(pair[:1], alone)
    assert pair.shape == (2, 64)
    assert np.isfinite(pair).all()
    large = np.repeat(np.repeat(windows[0], 3, axis=1), 3, axis=2)
    np.testing.assert_array_equal(read(extractor, [large], "features"), alone)


def test_windows_begin_every_two_seconds(extractor: WorldVideo) -> None:
    assert extractor.spec.windows is not None
    assert (extractor.spec.windows.length, extractor.spec.windows.every) == (16, 2.0)
    assert extractor.spec.keeps == ("features",)
    with pytest.raises(ValueError, match="every"):
        WorldVideo(every=0)
