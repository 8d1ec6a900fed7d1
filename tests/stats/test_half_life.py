"""The half-life is found at the segment where a similarity falls for good."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.half_life import half_life

T = np.arange(20) + 0.5


def test_a_step_below_half_way_is_found_where_it_happens() -> None:
    y = np.where(T < 7, 0.9, 0.4)
    assert half_life(T, y, baseline=0.3) == 7.5


def test_exponential_decay_is_met_at_its_own_half_life() -> None:
    y = 0.2 + 0.8 * 0.5 ** ((T - T[0]) / 6.3)
    assert half_life(T, y, baseline=0.2) == T[7]


def test_exactly_half_way_is_not_yet_lost() -> None:
    y = np.where(T < 7, 1.0, 0.5)
    assert half_life(T, y, baseline=0.0) is None


def test_one_that_comes_back_or_never_falls_is_censored() -> None:
    dip = np.where((T > 5) & (T < 12), 0.1, 0.9)
    assert half_life(T, dip, baseline=0.0) is None
    assert half_life(T, np.full(20, 0.9), baseline=0.0) is None


def test_after_a_dip_it_counts_the_last_fall() -> None:
    y = np.where((T > 5) & (T < 8) | (T > 15), 0.1, 0.9)
    assert half_life(T, y, baseline=0.0) == 15.5


def test_what_starts_at_the_baseline_has_nothing_to_lose() -> None:
    assert half_life(T, np.linspace(0.3, 0.0, 20), baseline=0.3) is None


@pytest.mark.parametrize("bad", [([], []), ([0.5, 1.5], [1.0]), ([[0.5]], [[1.0]])])
def test_unequal_or_no_series_are_refused(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="t and y"):
        half_life(*bad, baseline=0.0)
