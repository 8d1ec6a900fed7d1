"""The standardised contrast of seams."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats import standardised_contrast


def test_the_contrast_is_in_robust_standard_deviations() -> None:
    interior = np.random.default_rng(0).normal(5.0, 2.0, 20_000)
    value, low, high = standardised_contrast([11.0, 13.0, 15.0, 17.0], interior)
    assert value == pytest.approx(4.5, rel=0.03)
    assert low is not None
    assert high is not None
    assert 2.9 < low < value < high < 6.2


def test_seams_like_the_interior_have_none() -> None:
    rng = np.random.default_rng(1)
    value, low, high = standardised_contrast(rng.normal(size=30), rng.normal(size=1000))
    assert low is not None
    assert high is not None
    assert low < 0.0 < high
    assert abs(value) < 1.0


def test_two_seams_have_no_interval() -> None:
    assert standardised_contrast([1.0, 2.0], np.arange(10.0))[1:] == (None, None)


def test_a_still_interior_is_floored() -> None:
    assert standardised_contrast([1.0] * 3, np.zeros(9), floor=0.5) == (2.0, 2.0, 2.0)


def test_the_order_of_seams_moves_no_bit() -> None:
    seams = np.random.default_rng(2).normal(size=9)
    interior = np.arange(50.0)
    assert standardised_contrast(seams, interior) == standardised_contrast(seams[::-1], interior)


@pytest.mark.parametrize(
    ("seam", "interior", "floor"),
    [([], [1.0], 1.0), ([1.0], [], 1.0), ([np.inf], [1.0], 1.0), ([1.0], [1.0], 0.0)],
)
def test_bad_input_is_refused(seam: list[float], interior: list[float], floor: float) -> None:
    with pytest.raises(ValueError, match=r"need|finite|floor"):
        standardised_contrast(seam, interior, floor=floor)
