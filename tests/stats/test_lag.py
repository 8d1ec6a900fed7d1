from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.stats.lag import find_lag

REACH = 50
SLOPES = np.linspace(-0.03, 0.03, 13)


def bursts(n: int, seed: int, count: int = 12) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    t = np.arange(n)[:, None]
    places = rng.uniform(0, n, count)
    return np.asarray(np.exp(-0.5 * ((t - places) / 2.5) ** 2).sum(axis=1))


def later(x: NDArray[np.float64], lag: float, slope: float = 0.0) -> NDArray[np.float64]:
    """Return the longer series in which `x` comes later by a lag that grows about its middle."""
    middle = (len(x) - 1) / 2
    at = np.arange(-REACH, len(x) + REACH) - lag
    return np.interp((at - middle) / (1 + slope) + middle, np.arange(len(x)), x, left=0, right=0)


@pytest.mark.parametrize("lag", [-30.0, -7.4, 0.0, 12.3, 45.0])
def test_a_lag_is_found_within_a_tenth_of_a_sample(lag: float) -> None:
    x = bursts(800, 1)
    found = find_lag(x, later(x, lag))
    assert found is not None
    assert found.lag == pytest.approx(lag, abs=0.1)
    assert found.inside
    assert found.correlation > 0.95
    assert found.z > 5
    assert found.rival < 0.8


@pytest.mark.parametrize("slope", [-0.02, 0.01, 0.02])
def test_a_growing_lag_is_found_with_its_slope(slope: float) -> None:
    x = bursts(800, 2)
    found = find_lag(x, later(x, 10.0, slope), slopes=SLOPES)
    assert found is not None
    assert found.lag == pytest.approx(10.0, abs=1.0)
    assert found.slope == pytest.approx(slope, abs=0.003)
    blurred = find_lag(x, later(x, 10.0, slope))
    assert blurred is not None
    assert found.correlation > blurred.correlation + 0.1


def test_gain_and_offset_do_not_matter() -> None:
    x = bursts(400, 3)
    y = later(x, 5.0)
    one, two = find_lag(x, y), find_lag(3 * x + 7, 0.1 * y - 2)
    assert one is not None
    assert two is not None
    assert two.lag == pytest.approx(one.lag)
    assert two.correlation == pytest.approx(one.correlation)


def test_unrelated_series_seldom_stand_out() -> None:
    found = [
        find_lag(bursts(800, s), bursts(900, 100 + s), slopes=SLOPES, seed=s) for s in range(40)
    ]
    assert sum(lag is not None and lag.z >= 5 and lag.rival <= 0.8 for lag in found) <= 1


def test_two_alignments_as_good_are_rivals() -> None:
    x = (np.arange(800) % 40 < 4).astype(np.float64)
    found = find_lag(x, (np.arange(900) % 40 < 4).astype(np.float64))
    assert found is not None
    assert found.rival > 0.95


def test_beyond_the_range_is_not_inside() -> None:
    x = bursts(400, 5, count=1)
    found = find_lag(np.arange(400.0), np.arange(500.0) ** 2)
    assert found is not None
    assert not found.inside
    assert find_lag(np.zeros(400), later(x, 0)) is None
    assert find_lag(x, np.ones(500)) is None
