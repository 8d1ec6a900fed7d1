"""The onset's test: false alarms, power, place."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]


def noise(rng: np.random.Generator, n: int, phi: float) -> Floats:
    y = rng.normal(size=n)
    y[1:] *= np.sqrt(1 - phi * phi)
    for i in range(1, n):
        y[i] += phi * y[i - 1]
    return y


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("n", [20, 60])
def test_false_alarms_stay_at_the_level(n: int, phi: float) -> None:
    rng = np.random.default_rng((n, int(10 * phi)))
    t = np.arange(n) * 0.5
    alarms = sum(find_onset(t, noise(rng, n, phi)).p_value <= 0.05 for _ in range(200))
    # 8 % is the promise; 24 of 200 is three standard errors above it.
    assert alarms <= 24


@pytest.mark.parametrize("n", [20, 60, 120])
def test_a_random_walk_and_a_slow_wave_hardly_raise_alarms(n: int) -> None:
    rng = np.random.default_rng(n)
    t = np.arange(n) * 0.5
    walks = sum(find_onset(t, np.cumsum(rng.normal(size=n))).p_value <= 0.05 for _ in range(200))
    assert walks <= 24
    for periods in rng.uniform(0.5, 3, 50):
        wave = np.sin(2 * np.pi * periods * t / t[-1]) + 0.05 * rng.normal(size=n)
        assert find_onset(t, wave).p_value > 0.05


@pytest.mark.parametrize("phi", [0.0, 0.95])
@pytest.mark.parametrize("n", [20, 60])
def test_a_step_of_six_sigma_is_found_and_placed(n: int, phi: float) -> None:
    rng = np.random.default_rng(1)
    t = np.arange(n) * 0.5
    found = placed = 0
    for _ in range(100):
        k = int(rng.integers(n // 5, n - n // 5))
        onset = find_onset(t, noise(rng, n, phi) + 6.0 * (np.arange(n) >= k))
        found += onset.p_value <= 0.05
        placed += abs(onset.time - (t[k - 1] + t[k]) / 2) <= 0.5
    assert found >= 90
    assert placed >= 95


def test_outliers_are_no_break() -> None:
    rng = np.random.default_rng(2)
    t = np.arange(60) * 0.5
    alarms = sum(find_onset(t, rng.standard_t(2, size=60)).p_value <= 0.05 for _ in range(100))
    assert alarms <= 12


def test_a_long_series_is_searched_to_the_segment() -> None:
    t = np.arange(600) * 0.5
    y = np.random.default_rng(3).normal(0, 0.1, 600) - (np.arange(600) >= 437)
    onset = find_onset(t, y)
    assert onset.time == (t[436] + t[437]) / 2


def test_the_package_imports_no_scipy() -> None:
    code = "import sys, lvbench.stats; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
