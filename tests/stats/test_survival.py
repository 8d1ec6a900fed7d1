"""Kaplan-Meier median."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from lvbench.stats import kaplan_meier_median, statistic_interval
from lvbench.stats.survival import _curve, _independent_size


def test_without_censoring_it_is_the_lower_median() -> None:
    assert kaplan_meier_median([5.0, 1.0, 3.0, 2.0], [True] * 4).value == 2.0


@pytest.mark.parametrize("seed", range(5))
def test_the_median_is_that_of_scipys_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    event, end = rng.exponential(20, 40).round(), rng.uniform(10, 60, 40).round()
    times, seen = np.minimum(event, end), event <= end
    curve = ecdf(CensoredData(uncensored=times[seen], right=times[~seen])).sf
    reached = curve.quantiles[curve.probabilities <= 0.5]
    assert kaplan_meier_median(times, seen).value == (reached[0] if len(reached) else None)


def test_a_median_that_is_not_reached_is_none() -> None:
    result = kaplan_meier_median([60.0] * 20, [True, False] * 2 + [False] * 16)
    assert (result.value, result.low, result.high) == (None, None, None)
    assert result.method == "order-statistics"


@pytest.mark.parametrize(("prompts", "size"), [(8, 1), (8, 3), (40, 1)])
def test_the_interval_covers_the_median_of_an_exponential(prompts: int, size: int) -> None:
    rng, labels = np.random.default_rng(2), [i // size for i in range(prompts * size)]
    covered = 0
    for _ in range(300):
        event, end = rng.exponential(20, len(labels)), rng.uniform(20, 60, len(labels))
        result = kaplan_meier_median(np.minimum(event, end), event <= end, clusters=labels)
        low = np.inf if result.low is None else result.low
        high = np.inf if result.high is None else result.high
        covered += low <= 20 * np.log(2) <= high
    assert 0.93 <= covered / 300 <= 0.985


def test_without_censoring_the_limits_are_those_of_the_median() -> None:
    times, labels = np.random.default_rng(3).exponential(20, 36), [i // 3 for i in range(36)]
    ours = kaplan_meier_median(times, [True] * 36, clusters=labels)
    plain = statistic_interval(times, labels, "median")
    assert ours.low == pytest.approx(plain.low)
    assert ours.high == pytest.approx(plain.high)


def test_a_censored_item_counts_as_much_as_greenwoods_variance_says() -> None:
    rng = np.random.default_rng(4)
    event, end = rng.exponential(20, 40), rng.uniform(10, 60, 40)
    times, seen = np.minimum(event, end), event <= end
    order = np.argsort(times)
    size = _independent_size(_curve(times[order], seen[order]))[seen[order]]
    survival: Any = ecdf(CensoredData(uncensored=times[seen], right=times[~seen])).sf
    known = np.isin(survival.quantiles, times[seen])
    p = survival.probabilities[known]
    upper = survival.confidence_interval(0.5, method="log-log").high.probabilities[known]
    # The log-log limit is S^exp(-z e), with e the error of log(-log S), which is that of S over
    # S log S.
    z = 0.6744897501960817
    error = -np.log(np.log(upper) / np.log(p)) / z * -np.log(p) * p
    assert size == pytest.approx(p * (1 - p) / error**2, rel=1e-6)
    assert (size < 40).any()


def test_one_event_alone_gives_no_upper_limit() -> None:
    result = kaplan_meier_median([60.0] * 9 + [5.0], [False] * 9 + [True])
    assert (result.value, result.low, result.high) == (None, None, None)
    last = kaplan_meier_median([60.0] * 9 + [70.0], [False] * 9 + [True])
    assert (last.value, last.low, last.high) == (70.0, 70.0, None)
    never = kaplan_meier_median([60.0] * 9, [False] * 9)
    assert (never.value, never.low, never.high) == (None, None, None)


def test_fewer_than_eight_clusters_get_no_interval() -> None:
    times = np.arange(1.0, 31.0)
    result = kaplan_meier_median(times, [True] * 30, clusters=[i % 5 for i in range(30)])
    assert (result.value, result.low, result.method) == (15.0, None, "too_few")


def test_the_order_of_arrival_moves_nothing() -> None:
    rng = np.random.default_rng(4)
    times, seen = rng.integers(1, 9, 30).astype(float), rng.random(30) < 0.7
    labels, shuffle = np.arange(30) % 10, rng.permutation(30)
    assert kaplan_meier_median(times, seen, clusters=labels.tolist()) == kaplan_meier_median(
        times[shuffle], seen[shuffle], clusters=labels[shuffle].tolist()
    )


@pytest.mark.parametrize(
    ("times", "seen", "message"),
    [([], [], "must both be"), ([1.0], [True, True], "must both"), ([-1.0], [True], "negative")],
)
def test_bad_input_is_refused(times: list[float], seen: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier_median(times, seen)
