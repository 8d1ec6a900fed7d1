"""Kaplan-Meier median and share without the event."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from lvbench.stats import kaplan_meier_median, share_without


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
    assert result.method == "boot-p1000"


def test_the_interval_holds_the_median_of_an_exponential() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for seed in range(100):
        event = rng.exponential(20, 40)
        times, seen = np.minimum(event, 60.0), event <= 60.0
        result = kaplan_meier_median(times, seen, seed=seed)
        assert result.low is not None
        high = np.inf if result.high is None else result.high
        covered += result.low <= 20 * np.log(2) <= high
    assert 0.88 <= covered / 100 <= 1.0


def test_fewer_than_eight_clusters_get_no_interval() -> None:
    times = np.arange(1.0, 31.0)
    result = kaplan_meier_median(times, [True] * 30, clusters=[i % 5 for i in range(30)])
    assert (result.value, result.low, result.method) == (15.0, None, "too_few")


def test_the_order_of_arrival_moves_nothing() -> None:
    rng = np.random.default_rng(4)
    times, seen = rng.integers(1, 9, 30).astype(float), rng.random(30) < 0.7
    labels, shuffle = np.arange(30) % 10, rng.permutation(30)
    assert kaplan_meier_median(times, seen, clusters=list(labels)) == kaplan_meier_median(
        times[shuffle], seen[shuffle], clusters=list(labels[shuffle])
    )


def test_share_without() -> None:
    assert share_without([True, False, False, False]) == 0.75


@pytest.mark.parametrize(
    ("times", "seen", "message"),
    [([], [], "must both be"), ([1.0], [True, True], "must both"), ([-1.0], [True], "negative")],
)
def test_bad_input_is_refused(times: list[float], seen: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier_median(times, seen)


def test_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        share_without([])
