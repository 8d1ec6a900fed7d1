"""The exponent is found, its interval covers it, and too few sizes are refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lvbench.stats.power_law import distinct_sizes, exponent, groups_of_size

SIZES = np.repeat([5.0, 10.0, 20.0, 60.0], 4)


@pytest.mark.parametrize("k", [1.0, 2.0])
def test_it_agrees_with_scipys_regression(k: float) -> None:
    noise = np.random.default_rng(0).lognormal(0, 0.2, len(SIZES))
    found = exponent(SIZES, 3 * SIZES**k * noise)
    theirs = stats.linregress(np.log(SIZES), np.log(3 * SIZES**k * noise))
    reach = stats.t.ppf(0.975, len(SIZES) - 2) * theirs.stderr
    assert found.value == pytest.approx(theirs.slope)
    assert found.high == pytest.approx(theirs.slope + reach)


def test_the_interval_covers_the_exponent_19_times_in_20() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        found = exponent(SIZES, 3 * SIZES**1.5 * rng.lognormal(0, 0.2, len(SIZES)))
        assert found.low is not None
        assert found.high is not None
        hits += found.low < 1.5 < found.high
    assert 0.9 <= hits / 200 <= 0.99


def test_sizes_that_differ_by_rounding_are_one() -> None:
    assert distinct_sizes([10.0, 10.04, 10.1, 20.0, 21.0]) == 2
    assert distinct_sizes([]) == 0
    assert groups_of_size([20.0, 10.0, 40.0, 10.1]).tolist() == [1, 0, 2, 0]
    with pytest.raises(ValueError, match="2 sizes"):
        exponent([10.0, 10.04, 20.0], [1.0, 1.0, 2.0])


def test_a_cost_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        exponent([1.0, 2.0, 3.0], [1.0, 0.0, 3.0])
