"""Drift: its properties, its edge cases, its onset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.stats import drift
from lvbench.stats.drift import entire_change, half_life, outside
from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]


def centres(n: int, seconds: float = 60.0) -> Floats:
    return (np.arange(n) + 0.5) * seconds / n


def test_a_constant_series_has_no_drift() -> None:
    result = drift(centres(20), np.full(20, 0.3))
    assert (result.end_level, result.slope_per_minute) == (0.0, 0.0)
    assert (result.onset, result.half_life, result.n) == (None, None, 20)


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
    assert down.onset == up.onset


def test_a_late_collapse_counts_no_less_than_an_early_one() -> None:
    t = centres(60)
    early, late = (drift(t, np.where(t > at, 0.0, 1.0)).end_level for at in (10.0, 50.0))
    assert early == late == -1.0


@pytest.mark.parametrize("at", [9, 30, 50])
def test_a_step_is_found_where_it_is(at: int) -> None:
    t = centres(60)
    y = np.where(np.arange(60) >= at, 1.0, 0.0)
    assert drift(t, y).onset == pytest.approx((t[at - 1] + t[at]) / 2)


def test_a_ramp_has_no_onset() -> None:
    t = centres(60)
    noise = np.random.default_rng(1).normal(0, 0.05, 60)
    assert drift(t, np.maximum(t - 30.0, 0.0) * -0.05 + noise).onset is None


def test_half_life_is_the_moment_after_which_the_series_stays_low() -> None:
    t = centres(20, 20.0)
    y = np.concatenate([np.full(5, 0.9), [0.5, 0.9], np.full(13, 0.5)])
    assert drift(t, y, baseline=0.3).half_life == t[7]


def test_half_life_is_censored_where_the_series_comes_back() -> None:
    y = np.concatenate([np.full(5, 0.9), np.full(14, 0.4), [0.9]])
    assert drift(centres(20), y, baseline=0.3).half_life is None


def test_nothing_above_the_baseline_has_no_half_life() -> None:
    assert drift(centres(20), np.full(20, 0.2), baseline=0.3).half_life is None


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
    assert scaled.onset == plain.onset
    assert find_onset(t, scale * y).p_value == find_onset(t, y).p_value
    assert scaled.end_level == pytest.approx(scale * plain.end_level)


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


U = (np.arange(80) + 0.5) / 80
PROFILES = {
    "middle": (U > 0.12) & (U < 0.88),
    "early": (U > 0.03) & (U < 0.08),
    "blip": (U > 0.47) & (U < 0.53),
    "late": U > 0.85,
}


def remembering(phi: float, rng: np.random.Generator) -> Floats:
    y = rng.normal(size=len(U))
    y[1:] *= np.sqrt(1 - phi * phi)
    for i in range(1, len(y)):
        y[i] += phi * y[i - 1]
    return y


BASES: dict[str, Callable[[np.random.Generator], Floats]] = {
    "constant": lambda rng: 0 * U,
    "white noise": lambda rng: rng.normal(0, 0.5, len(U)),
    "slow noise": lambda rng: remembering(0.9, rng),
    "drifts up": lambda rng: 13 * U + rng.normal(0, 0.2, len(U)),
    "hump": lambda rng: 8 * np.sin(np.pi * U) + rng.normal(0, 0.2, len(U)),
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("size", [5.0, -10.0])
def test_a_jump_adds_its_size_wherever_it_is(base: str, profile: str, size: float) -> None:
    rng = np.random.default_rng(0)
    added = []
    for _ in range(15):
        y = BASES[base](rng)
        added.append(entire_change(y + size * PROFILES[profile]) - entire_change(y))
    assert np.median(added) == pytest.approx(abs(size), rel=0.25)
    assert min(added) > 0


def test_a_ramp_counts_as_much_as_a_step() -> None:
    assert entire_change(5 * U) == pytest.approx(5, rel=0.02)
    assert entire_change(5 * U + np.random.default_rng(0).normal(0, 0.2, 80)) < 6


@pytest.mark.parametrize("base", BASES)
def test_it_grows_with_the_dose(base: str) -> None:
    y = BASES[base](np.random.default_rng(1))
    for profile in PROFILES.values():
        assert np.diff([entire_change(y + d * profile) for d in (3.0, 6.0, 12.0)]).min() > 1


def test_more_noise_for_longer_is_hardly_more_change() -> None:
    rng = np.random.default_rng(2)
    typical = {}
    for n in (40, 640):
        typical[n] = np.median([entire_change(rng.normal(size=n)) for _ in range(30)])
    assert typical[40] < 3
    assert typical[640] < 2 * typical[40]


def test_spared_jumps_move_no_faster_than_their_series() -> None:
    rng = np.random.default_rng(3)
    worst: dict[float | None, float] = {None: 0.0, 3.0: 0.0}
    for _ in range(40):
        y = remembering(0.9, rng)
        moved = y + rng.normal(0, 0.05, len(y))
        for spared, most in worst.items():
            by = abs(entire_change(moved, spared=spared) - entire_change(y, spared=spared))
            worst[spared] = max(most, by)
    assert worst[3.0] < 0.3 < worst[None]


@pytest.mark.parametrize("profile", PROFILES)
def test_of_a_jump_in_noise_what_is_beyond_it_is_spared(profile: str) -> None:
    y = BASES["white noise"](np.random.default_rng(4))
    found = [entire_change(y + d * PROFILES[profile], spared=3.0) for d in (0.0, 4.0, 8.0, 16.0)]
    assert np.diff(found).min() > 1
    assert found[-1] - found[-2] == pytest.approx(8, rel=0.1)
    assert entire_change(5.0 * PROFILES[profile], spared=3.0) == 5


def test_a_followed_quantity_jumps_beyond_its_own_pace() -> None:
    pace = 6 * np.sin(2 * np.pi * U)
    for profile in PROFILES.values():
        y = pace + 3.0 * profile
        assert entire_change(y, y, spared=2.0) - entire_change(pace, pace, spared=2.0) > 2
    assert entire_change(pace, pace, spared=2.0) == pytest.approx(12, rel=0.05)


def test_no_less_than_the_least_is_left_out_of_a_jump() -> None:
    steps = np.tile([0.0, 0, 0, 0.5, 0.5, 0.5], 10)
    assert entire_change(steps, spared=0.5) > 2
    assert entire_change(steps, spared=0.5, least=0.6) == 0.5


def test_the_entire_change_needs_finite_values() -> None:
    assert entire_change([3.0]) == 0
    for bad in ([], [1.0, np.nan], [[1.0]]):
        with pytest.raises(ValueError, match="finite"):
            entire_change(bad)


def test_outside_counts_the_time_away_from_the_start() -> None:
    assert outside(5.0 * (U > 0.75), 1.0) == 0.25
    assert outside(5.0 * PROFILES["middle"], 1.0) == pytest.approx(0.76, abs=0.02)
    assert outside(0.5 * (U > 0.75), 1.0) == 0
