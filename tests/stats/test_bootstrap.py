"""Intervals: coverage, clusters, degenerate input, order."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.bootstrap import Statistic, mean_interval, statistic_interval

STATISTICS: list[Statistic] = ["mean", "median", "median_absolute"]


@pytest.mark.parametrize(
    ("statistic", "truth"), [("mean", 0.0), ("median", 0.0), ("median_absolute", 0.67449)]
)
def test_the_interval_covers_the_truth_as_often_as_it_says(
    statistic: Statistic, truth: float
) -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for seed in range(200):
        interval = statistic_interval(rng.normal(size=30), None, statistic, seed=seed // 50)
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= truth <= interval.high
    assert 0.90 <= covered / 200 <= 0.98


@pytest.mark.parametrize("size", [1, 3])
def test_eight_prompts_are_enough_for_a_median(size: int) -> None:
    rng, labels = np.random.default_rng(12), [i // size for i in range(8 * size)]
    covered = 0
    for _ in range(400):
        own = np.sqrt(0.5) * rng.normal(size=(8, size))
        values = np.exp(own + np.sqrt(0.5) * rng.normal(size=(8, 1))).ravel()
        interval = statistic_interval(values, labels, "median")
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 1.0 <= interval.high
    assert 0.93 <= covered / 400 <= 0.98


def test_eight_prompts_are_nearly_enough_for_the_mean_of_a_skewed_quantity() -> None:
    rng, covered = np.random.default_rng(13), 0
    for seed in range(400):
        interval = mean_interval(rng.exponential(size=8), seed=seed // 50)
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 1.0 <= interval.high
    assert 0.92 <= covered / 400 <= 0.97


def test_clusters_of_like_items_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    values = np.repeat(rng.normal(size=20), 5)
    alone = mean_interval(values)
    clustered = mean_interval(values, list(np.repeat(np.arange(20), 5)))
    assert alone.value == pytest.approx(clustered.value)
    assert alone.low is not None
    assert clustered.low is not None
    # Five copies hold no more than one: the naive interval is too narrow by about sqrt(5).
    ratio = (clustered.value - clustered.low) / (alone.value - alone.low)
    assert 1.7 < ratio < 3.0


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_order_of_arrival_moves_no_bit(statistic: Statistic) -> None:
    rng = np.random.default_rng(5)
    values, labels = rng.lognormal(size=40), [f"prompt {i % 13}" for i in range(40)]
    shuffle = rng.permutation(40)
    assert statistic_interval(values, labels, statistic) == statistic_interval(
        values[shuffle], [labels[i] for i in shuffle], statistic
    )


@pytest.mark.parametrize("statistic", STATISTICS)
def test_fewer_than_eight_clusters_get_no_interval(statistic: Statistic) -> None:
    labels = [i % 7 for i in range(70)]
    interval = statistic_interval(np.arange(70.0), labels, statistic)
    assert (interval.low, interval.high, interval.method) == (None, None, "too_few")
    assert interval.value == pytest.approx(34.5)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_equal_values_have_an_interval_without_width(statistic: Statistic) -> None:
    interval = statistic_interval(np.full(12, 0.1), None, statistic)
    assert (interval.value, interval.low, interval.high) == (0.1, 0.1, 0.1)
    assert interval.method == ("boot-t1000" if statistic == "mean" else "order-statistics")


def test_one_odd_item_among_many_equal_ones_keeps_the_interval_finite() -> None:
    interval = mean_interval([0.0] * 14 + [0.5])
    assert interval.low is not None
    assert interval.high is not None
    # 0.16 is half of the exact binomial limit for one in fifteen, 0.32.
    assert 0.1 < interval.high < 0.25
    assert interval.low <= interval.value


def test_a_median_between_two_heaps_may_be_either() -> None:
    interval = statistic_interval([0.0] * 7 + [1.0] * 8, None, "median")
    assert (interval.low, interval.value, interval.high) == (0.0, 1.0, 1.0)


def test_scale_and_shift_carry_over() -> None:
    values = np.random.default_rng(2).normal(size=25)
    plain, moved = mean_interval(values), mean_interval(3.0 * values + 1.0)
    assert plain.low is not None
    assert plain.high is not None
    assert moved.low == pytest.approx(3 * plain.low + 1)
    assert moved.high == pytest.approx(3 * plain.high + 1)


@pytest.mark.parametrize(
    ("values", "clusters", "message"),
    [([], None, "n >= 1"), ([1.0, np.nan], None, "finite"), ([1.0, 2.0], [1], "1 clusters")],
)
def test_bad_input_is_refused(values: list[float], clusters: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_interval(values, clusters)
