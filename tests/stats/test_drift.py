"""Drift: its properties, its edge cases, its onset."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.stats import drift

Floats = NDArray[np.float64]


def centres(n: int, seconds: float = 60.0) -> Floats:
    return (np.arange(n) + 0.5) * seconds / n


def test_a_constant_series_has_no_drift() -> None:
    result = drift(centres(20), np.full(20, 0.3))
    assert (result.end_level, result.slope_per_minute) == (0.0, 0.0)
    assert (result.onset, result.onset_kind, result.onset_p) == (None, None, 1.0)
    assert (result.half_life, result.half_life_censored, result.n) == (None, False, 20)


@pytest.mark.parametrize("seconds", [10.0, 60.0, 300.0])
@pytest.mark.parametrize("n", [10, 17, 60, 240, 3000])
def test_equal_decay_gives_equal_slope(n: int, seconds: float) -> None:
    t = centres(n, seconds)
    assert drift(t, 1.0 - 0.02 * t).slope_per_minute == pytest.approx(-1.2)


@pytest.mark.parametrize("n", [10, 20, 60, 120, 600])
def test_the_number_of_segments_does_not_move_the_end_level(n: int) -> None:
    t = centres(n)
    assert drift(t, 1.0 - 0.01 * t).end_level == pytest.approx(-0.01 * 0.9 * 60)


@pytest.mark.parametrize("n", [11, 13, 15, 37, 121])
def test_an_uneven_number_of_segments_moves_it_by_less_than_a_segment(n: int) -> None:
    t = centres(n)
    assert drift(t, 1.0 - 0.01 * t).end_level == pytest.approx(-0.54, abs=0.01 * 60 / n)


def test_improvement_and_decay_have_opposite_signs() -> None:
    t, noise = centres(40), np.random.default_rng(0).normal(0, 0.1, 40)
    down, up = drift(t, noise - 0.05 * t), drift(t, 0.05 * t - noise)
    assert down.end_level == -up.end_level < 0
    assert down.slope_per_minute == pytest.approx(-up.slope_per_minute)
    assert (down.onset, down.onset_kind) == (up.onset, up.onset_kind)


def test_a_late_collapse_counts_no_less_than_an_early_one() -> None:
    t = centres(60)
    early, late = (drift(t, np.where(t > at, 0.0, 1.0)).end_level for at in (10.0, 50.0))
    assert early == late == -1.0


@pytest.mark.parametrize("at", [9, 30, 50])
def test_a_step_is_found_where_it_is(at: int) -> None:
    t = centres(60)
    result = drift(t, np.where(np.arange(60) >= at, 1.0, 0.0))
    assert result.onset_kind == "step"
    assert result.onset == pytest.approx((t[at - 1] + t[at]) / 2)


def test_a_ramp_is_found_where_it_begins() -> None:
    t = centres(60)
    noise = np.random.default_rng(1).normal(0, 0.05, 60)
    result = drift(t, np.maximum(t - 30.0, 0.0) * -0.05 + noise)
    assert result.onset_kind == "ramp"
    assert result.onset == pytest.approx(30.0, abs=3.0)


def test_half_life_is_the_moment_after_which_the_series_stays_low() -> None:
    t = centres(20, 20.0)
    y = np.concatenate([np.full(5, 0.9), [0.5, 0.9], np.full(13, 0.5)])
    result = drift(t, y, baseline=0.3)
    assert (result.half_life, result.half_life_censored) == (t[7], False)


def test_half_life_is_censored_where_the_series_comes_back() -> None:
    y = np.concatenate([np.full(5, 0.9), np.full(14, 0.4), [0.9]])
    result = drift(centres(20), y, baseline=0.3)
    assert (result.half_life, result.half_life_censored) == (None, True)


def test_nothing_above_the_baseline_has_no_half_life() -> None:
    result = drift(centres(20), np.full(20, 0.2), baseline=0.3)
    assert (result.half_life, result.half_life_censored) == (None, False)


def test_equal_input_gives_equal_output_and_does_not_change_it() -> None:
    t, y = centres(30), np.random.default_rng(3).normal(size=30)
    before = y.copy()
    assert drift(t, y, seed=4) == drift(t, y, seed=4)
    assert np.array_equal(y, before)


@pytest.mark.parametrize(
    ("t", "y", "message"),
    [
        (np.arange(9.0), np.zeros(9), "at least 10"),
        (np.arange(12.0), np.zeros(11), "must both be"),
        (np.arange(12.0), np.full(12, np.nan), "finite"),
        (np.zeros(12), np.zeros(12), "increasing"),
    ],
)
def test_bad_input_is_refused(t: Floats, y: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        drift(t, y)


@pytest.mark.parametrize("at", [0, 20, 39])
def test_one_outlier_is_no_break_even_where_segments_are_missing(at: int) -> None:
    t = np.cumsum(np.random.default_rng(at).uniform(0.3, 0.7, 40))
    assert drift(t, np.where(np.arange(40) == at, 1.0, 0.0)).onset is None


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_unit_of_the_series_does_not_matter(scale: float) -> None:
    t = centres(40)
    y = np.random.default_rng(6).normal(size=40) - 3.0 * (t > 30)
    plain, scaled = drift(t, y), drift(t, scale * y)
    assert (scaled.onset, scaled.onset_kind, scaled.onset_p) == (
        plain.onset,
        plain.onset_kind,
        plain.onset_p,
    )
    assert scaled.end_level == pytest.approx(scale * plain.end_level)
