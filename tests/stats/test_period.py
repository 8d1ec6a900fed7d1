"""The search for undeclared seams."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.stats import find_period

Floats = NDArray[np.float64]


def correlated(rng: np.random.Generator, n: int, phi: float) -> Floats:
    z = rng.normal(size=n) * np.sqrt(1 - phi * phi)
    for i in range(1, n):
        z[i] += phi * z[i - 1]
    return z


@pytest.mark.parametrize(
    ("n", "period", "height"), [(1440, 48, 4.0), (1440, 12, 3.0), (1440, 330, 8.0), (240, 33, 8.0)]
)
def test_a_comb_is_found_with_its_period_and_phase(n: int, period: int, height: float) -> None:
    z = correlated(np.random.default_rng(0), n, 0.5)
    z[7::period] += height
    found = find_period(z, minimum=8, maximum=600)
    assert found is not None
    assert (found.period, found.phase) == (period, 7)
    assert found.p_value < 0.01


def test_the_contrast_is_the_height_in_robust_standard_deviations() -> None:
    z = np.random.default_rng(0).normal(size=1440)
    z[7::24] += 5.0
    found = find_period(z, minimum=16, maximum=600)
    assert found is not None
    # 3 % bias of the running median, 5 % standard error of the median of 60 teeth.
    assert found.contrast == pytest.approx(5.0, rel=0.18)


def test_the_fundamental_wins_when_teeth_differ_in_height() -> None:
    z = np.random.default_rng(1).normal(size=1440)
    z[5::40] += 6.0
    z[5::80] += 6.0
    found = find_period(z, minimum=8, maximum=600)
    assert found is not None
    assert found.period == 40


def test_a_comb_of_a_still_picture_is_found() -> None:
    z = np.zeros(500)
    z[3::50] = 1.0
    found = find_period(z, minimum=8, maximum=200)
    assert found is not None
    assert (found.period, found.phase) == (50, 3)


def test_noise_motion_and_cuts_hold_no_comb() -> None:
    rng = np.random.default_rng(2)
    reported = 0
    for _ in range(25):
        spikes = rng.normal(size=600)
        spikes[rng.integers(0, 600, 20)] += 15.0
        for z in (rng.normal(size=600), correlated(rng, 600, 0.8), spikes):
            reported += find_period(z, minimum=8, maximum=300) is not None
    assert reported <= 2  # of 75, at most 1 % expected


def test_the_pulse_of_key_frames_is_no_seam() -> None:
    z = correlated(np.random.default_rng(3), 1440, 0.5)
    z[::12] += 0.7
    z[::250] += 1.5
    assert find_period(z, minimum=8, maximum=600) is None


@pytest.mark.parametrize("z", [np.zeros(100), np.ones(20), np.arange(12.0)])
def test_nothing_to_find(z: Floats) -> None:
    assert find_period(z, minimum=8, maximum=600) is None


def test_equal_input_gives_equal_output_and_does_not_change_it() -> None:
    z = np.random.default_rng(4).normal(size=400)
    z[::40] += 5
    before = z.copy()
    assert find_period(z, minimum=8, maximum=99) == find_period(z, minimum=8, maximum=99)
    assert np.array_equal(z, before)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        find_period([np.nan] * 50, minimum=8, maximum=12)
    with pytest.raises(ValueError, match="at least 4"):
        find_period(np.zeros(50), minimum=1, maximum=12)
