"""The procedural clip: the same for the same seed, and healthy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.world.clip import render_clip


def clip(
    seconds: float = 6.0, fps: float = 12.0, width: int = 192, height: int = 112, seed: int = 0
) -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(seconds, fps, width, height, seed)))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert np.array_equal(clip(2.0), clip(2.0))


def test_a_longer_clip_begins_like_a_shorter_one() -> None:
    assert np.array_equal(clip(1.25), clip(2.0)[:15])


def test_other_seeds_give_other_pictures() -> None:
    first = [clip(0.1, seed=seed)[0].astype(float) for seed in range(4)]
    differences = [np.abs(a - b).mean() for i, a in enumerate(first) for b in first[:i]]
    assert min(differences) > 15


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(2.0, 24.0, 48), (1.0, 30000 / 1001, 30), (0.05, 10.0, 0)]
)
def test_the_length_is_exact(seconds: float, fps: float, frames: int) -> None:
    chunks = list(render_clip(seconds, fps, 64, 48, 0))
    assert sum(map(len, chunks)) == frames
    assert all(c.dtype == np.uint8 and c.shape[1:] == (48, 64, 3) for c in chunks)


@pytest.mark.parametrize(("width", "height"), [(16, 16), (65, 33), (48, 96)])
def test_any_size_can_be_rendered(width: int, height: int) -> None:
    assert clip(0.5, width=width, height=height).shape == (6, height, width, 3)


@pytest.mark.parametrize("seed", range(3))
def test_light_and_colour_stay_where_they_are(seed: int) -> None:
    means = clip(20.0, seed=seed).mean(axis=(1, 2))
    # The things that move take a few levels with them; nothing else changes.
    assert np.abs(means - means.mean(axis=0)).max() < 8
    assert np.abs(means[-24:].mean(axis=0) - means[:24].mean(axis=0)).max() < 5


def test_it_moves_in_every_frame_and_never_jumps() -> None:
    frames = clip(8.0).astype(float)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert steps.min() > 1.5
    assert steps.max() < 4 * np.median(steps)


def test_the_grain_is_new_in_every_frame_and_grey() -> None:
    # At a rate this high hardly anything but the grain changes between two frames.
    frames = clip(0.02, fps=1000.0).astype(float)
    grain = np.diff(frames, axis=0)
    # Standard deviation 1 in each frame, rounded to levels: variance of a difference about 2 + 1/6.
    assert grain[0].std() == pytest.approx(np.sqrt(2 + 1 / 6), rel=0.15)
    assert np.corrcoef(grain[0].ravel(), grain[2].ravel())[0, 1] < 0.1
    assert np.corrcoef(grain[0, :, :, 0].ravel(), grain[0, :, :, 1].ravel())[0, 1] > 0.7


def test_pictures_have_edges_and_use_the_range_of_levels() -> None:
    frame = clip(0.1)[0].astype(float)
    assert 25 < frame.std() < 60
    assert np.abs(np.diff(frame.mean(axis=2), axis=1)).max() > 40
    assert (frame < 2).mean() < 0.01
    assert (frame > 253).mean() < 0.01
