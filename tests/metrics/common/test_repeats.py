"""Runs of pictures that come back are found in random pictures, at any lag."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics.common.repeats import find_repeats

SIZE = 64


def pictures(n: int) -> NDArray[np.uint8]:
    """Return a picture that moves without ever coming back."""
    texture = np.random.default_rng(0).integers(0, 256, 8 * n + SIZE, np.uint8)
    return np.stack([texture[8 * i : 8 * i + SIZE] for i in range(n)])


def noisy(clip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).normal(0, 2, clip.shape)
    return np.clip(clip + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("lag", [13, 97, 500])
def test_a_repeat_is_found_at_its_lag_to_the_frame(lag: int) -> None:
    clip = pictures(1200)
    for k in range(600, 640):
        clip[k] = clip[k - lag]
    (found,) = find_repeats(noisy(clip), np.full(1200, 100.0), nearest=6, length=12)
    assert (found.first, found.last, found.number, found.forwards) == (600, 640, lag, True)


def test_of_two_lags_the_shorter_counts() -> None:
    clip = pictures(300)
    clip[100:160] = np.tile(clip[80:100], (3, 1))
    (found,) = find_repeats(noisy(clip), np.full(300, 100.0), nearest=6, length=12)
    assert (found.first, found.last, found.number) == (100, 160, 20)


@pytest.mark.parametrize("start", [0, 60])
def test_a_mirrored_run_is_found_whatever_follows(start: int) -> None:
    clip = pictures(300)
    clip[150:] = np.concatenate([clip[start:149][::-1], clip[149:300]])[:150]
    (found,) = find_repeats(noisy(clip), np.full(300, 100.0), nearest=6, length=12)
    assert not found.forwards
    assert found.number == 298
    assert (found.first, found.last) == (150, 299 - start)


def test_where_nothing_may_match_nothing_does() -> None:
    still = np.zeros((400, SIZE), np.uint8)
    assert find_repeats(still, np.zeros(400), nearest=6, length=12) == []


def test_what_never_comes_back_has_no_repeats() -> None:
    assert find_repeats(pictures(900), np.full(900, 100.0), nearest=6, length=12) == []
