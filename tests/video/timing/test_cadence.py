from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.timing.cadence import repeats

Floats = NDArray[np.float64]


def shown(count: int, rate: float, wanted: float) -> NDArray[np.bool_]:
    """Return the repeats of a conversion that shows the nearest picture at every frame."""
    index = np.floor(np.arange(int(count * wanted / rate)) * rate / wanted + 0.5)
    return np.diff(index) == 0


def evidence(truth: NDArray[np.bool_], noise: float) -> Floats:
    rng = np.random.default_rng(0)
    steady = 0.5 + 0.05 * rng.standard_normal(len(truth))
    return np.asarray(np.where(truth, 0.0, steady) + noise * rng.standard_normal(len(truth)))


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [(16, 24), (16, 30), (16, 48), (16, 60), (24, 30), (24, 60), (12.5, 24), (8, 60), (25, 30)],
)
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_every_conversion_is_found_to_the_frame(rate: float, wanted: float, noise: float) -> None:
    truth = shown(200, rate, wanted)
    found = repeats(evidence(truth, noise), np.where(truth, 0.2, 1.0))
    np.testing.assert_array_equal(found, truth)


def test_an_export_that_rounds_ties_either_way_is_found() -> None:
    times = np.round(np.arange(100) / 24 + 0.0004 * (np.arange(100) % 7 - 3), 6)
    index = np.searchsorted(times, np.arange(150) / 36 + 1e-4, side="right")
    truth = np.diff(index) == 0
    assert truth.sum() > 40
    found = repeats(evidence(truth, 0.02), np.where(truth, 0.2, 1.0))
    assert (found != truth).mean() < 0.02


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [15, 40, 120, 400])
def test_steady_motion_and_noise_have_no_beat(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    for x in (1 / 3 + 0.1 * rng.standard_normal(count), 0.05 * rng.standard_normal(count)):
        assert not repeats(x, np.ones(count)).any()


def test_motion_that_pulses_is_no_repeat() -> None:
    """A video whose every fourth step is larger, as some decoders of latents make them."""
    x = np.where(np.arange(240) % 4 == 0, 0.45, 0.28)
    assert not repeats(x, np.ones(240)).any()


def test_cuts_do_not_make_their_neighbours_repeats() -> None:
    x, change = np.full(240, 1 / 3), np.ones(240)
    for at in range(17, 230, 18):
        x[[at - 1, at + 1]] = 0.05
        x[at], change[at] = 0.9, 8.0
    assert not repeats(x, change).any()


def test_regular_cuts_do_not_turn_motion_into_repeats() -> None:
    """A video of windows of eight frames, each from elsewhere: next to cuts all motion is small."""
    cut = np.arange(89) % 8 == 7
    x, change = np.where(cut, 1.0, 0.35), np.where(cut, 45.0, 8.0)
    assert not repeats(x, change).any()
