from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.extrapolation import FEWEST, Units, extrapolate
from lvbench.stats.frechet import spread

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(400, 5)), RNG.normal(size=(300, 5)) + 1.0


def test_sizes_begin_at_128_and_end_with_the_smaller_set() -> None:
    found = extrapolate(Units(X, np.arange(400)), Units(Y, np.arange(300)), points=4)
    assert found.sizes.tolist() == [FEWEST, 185, 243, 300]
    assert found.intercept.value == pytest.approx(
        np.polynomial.polynomial.polyfit(1 / found.sizes, found.distances, 1)[0]
    )
    assert found.intercept.value == pytest.approx(5.0, rel=0.15)


def test_moments_stand_for_a_set_of_any_size() -> None:
    found = extrapolate(Units(X, np.arange(400)), spread(Y), points=4)
    assert found.sizes[-1] == 400
    assert found.intercept.low is not None


def test_units_go_together() -> None:
    copies = Units(np.repeat(X, 3, axis=0), np.repeat(np.arange(400), 3))
    once = extrapolate(Units(X, np.arange(400)), spread(Y), points=4, ddof=0)
    found = extrapolate(copies, spread(Y), points=4, ddof=0)
    assert found.intercept.value == pytest.approx(once.intercept.value)
    with pytest.raises(ValueError, match="255 units"):
        extrapolate(Units(X[:255], np.arange(255)), Units(Y, np.arange(300)))
