from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics.common.picture_file import PictureFile
from lvbench.metrics.common.repeats import Repeat, search
from lvbench.metrics.common.thumbnails import Thumbnails
from lvbench.metrics.motion.loop import find_repeats

HEIGHT, WIDTH = 36, 64


def pictures(n: int) -> NDArray[np.uint8]:
    """Return a picture that moves over a texture without ever coming back."""
    texture = np.random.default_rng(0).integers(40, 216, (9, 2 * n + 16)).astype(np.uint8)
    wide = np.kron(texture, np.ones((4, 4), np.uint8))
    return np.stack([wide[:, 6 * i : 6 * i + WIDTH] for i in range(n)])


def thumbnails(clip: NDArray[np.uint8]) -> Thumbnails:
    file = PictureFile()
    file.extend(clip)
    return Thumbnails(file)


def noisy(clip: NDArray[np.uint8]) -> Thumbnails:
    noise = np.random.default_rng(1).normal(0, 2, clip.shape)
    return thumbnails(np.clip(clip + noise, 0, 255).astype(np.uint8))


def found(clip: NDArray[np.uint8]) -> list[Repeat]:
    return find_repeats(noisy(clip), np.full(len(clip), 60.0), nearest=6, length=12, sure=24)


@pytest.mark.parametrize("lag", [13, 97])
def test_a_repeat_is_found_at_its_lag_to_the_frame(lag: int) -> None:
    clip = pictures(180)
    for k in range(120, 160):
        clip[k] = clip[k - lag]
    (repeat,) = found(clip)
    assert (repeat.number, repeat.forwards) == (lag, True)
    assert abs(repeat.first - 120) <= 2
    assert abs(repeat.last - 160) <= 2


def test_of_two_lags_the_shorter_counts() -> None:
    clip = pictures(120)
    clip[50:110] = np.tile(clip[30:50], (3, 1, 1))
    assert {repeat.number for repeat in found(clip)} == {20}


@pytest.mark.parametrize("start", [0, 30])
def test_a_mirrored_run_is_found_whatever_follows(start: int) -> None:
    clip = pictures(150)
    clip[75:] = np.concatenate([clip[start:74][::-1], clip[74:150]])[:75]
    (repeat,) = found(clip)
    assert not repeat.forwards
    assert repeat.number == 148
    assert abs(repeat.first - 75) <= 2
    assert abs(repeat.last - (149 - start)) <= 3


def test_where_nothing_may_match_nothing_does() -> None:
    still = thumbnails(np.zeros((60, HEIGHT, WIDTH), np.uint8))
    assert find_repeats(still, np.zeros(60), nearest=6, length=12, sure=24) == []


def test_what_never_comes_back_has_no_repeats() -> None:
    assert found(pictures(150)) == []


class _Given:
    """Candidates that are given."""

    def __init__(self, hits: NDArray[np.bool_]) -> None:
        self._hits = hits

    def __len__(self) -> int:
        return len(self._hits)

    def candidates(self, stride: int, nearest: int) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        for k in range(nearest, len(self._hits), stride):
            yield k, self._hits[k, : k - nearest + 1]


def test_hits_in_a_row_make_a_guess_and_single_ones_do_not() -> None:
    hits = np.zeros((100, 100), np.bool_)
    hits[np.arange(60, 90), np.arange(60, 90) - 30] = True
    hits[75, 3] = True
    (guess,) = search(_Given(hits), 5, 10)
    assert (guess.number, guess.forwards) == (30, True)
    assert abs(guess.first - 60) <= 2
    assert abs(guess.last - 90) <= 2
