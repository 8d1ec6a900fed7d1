"""Paired differences: test, interval, effect size, Holm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import permutation_test

from lvbench.stats import PairedValues, holm, paired_difference, paired_tests, statistic_interval
from lvbench.stats.paired import directions


def test_equal_runs_do_not_differ() -> None:
    values = np.random.default_rng(0).normal(size=20)
    result = paired_difference(values, values)
    assert (result.difference, result.low, result.high) == (0.0, 0.0, 0.0)
    assert (result.p_value, result.effect_size, result.n_pairs) == (1.0, 0.0, 20)


def test_head_above_base_is_positive_and_found() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=30)
    result = paired_difference(base, base + 0.5 + rng.normal(0, 0.2, 30))
    assert result.low is not None
    assert 0 < result.low < result.difference
    assert result.p_value < 0.001
    assert result.effect_size is not None
    assert result.effect_size > 1.5


@pytest.mark.parametrize("n", [9, 40])
def test_the_p_value_is_that_of_scipy(n: int) -> None:
    rng = np.random.default_rng(n)
    base = rng.normal(size=n)
    head = base + rng.normal(0.2, 1.0, size=n)
    expected = permutation_test(
        (head, base),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=50_000,
        rng=np.random.default_rng(0),
    ).pvalue
    # Exact for n = 9; two Monte Carlo estimates for n = 40.
    tolerance = 1e-12 if n == 9 else 0.02
    assert paired_difference(base, head).p_value == pytest.approx(expected, abs=tolerance)


def test_signs_are_flipped_by_cluster() -> None:
    base, head = np.zeros(30), np.ones(30)
    assert paired_difference(base, head, [i % 3 for i in range(30)]).p_value == 2 / 2**3


def test_equal_differences_have_no_finite_effect_size() -> None:
    assert paired_difference(np.zeros(10), np.ones(10)).effect_size is None


def test_a_difference_of_the_detectable_size_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(3)
    detectable = (2.201 + 0.876) / np.sqrt(12)  # t quantiles for 11 degrees of freedom, sigma 1
    found = [
        paired_difference(np.zeros(12), rng.normal(detectable, 1, 12)).p_value < 0.05
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.09)
    sample = rng.normal(0, 1, 1000)
    reported = paired_difference(np.zeros(1000), sample).minimum_detectable
    assert reported == pytest.approx((1.96 + 0.8416) / np.sqrt(1000), rel=0.07)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_change_is_told_from_none_with_thirty_prompts(shift: float) -> None:
    rng, labels, told, held = np.random.default_rng(4), [i // 3 for i in range(90)], 0, 0
    for _ in range(300):
        difference = np.sqrt(0.5) * (np.repeat(rng.normal(size=30), 3) + rng.normal(size=90))
        result = paired_difference(np.zeros(90), difference + shift, labels)
        assert result.low is not None
        assert result.high is not None
        told += result.p_value < 0.05
        held += result.low <= shift <= result.high
    assert 0.92 <= held / 300 <= 0.98
    assert told / 300 >= 0.95 if shift else told / 300 <= 0.08


def test_too_few_clusters_promise_nothing() -> None:
    result = paired_difference(np.zeros(7), np.arange(7.0))
    assert (result.low, result.method, result.minimum_detectable) == (None, "too_few", None)


def test_the_order_of_pairs_moves_no_bit() -> None:
    rng = np.random.default_rng(8)
    base, head, shuffle = rng.normal(size=25), rng.normal(size=25), rng.permutation(25)
    labels = np.arange(25) % 11
    assert paired_difference(base, head, list(labels)) == paired_difference(
        base[shuffle], head[shuffle], list(labels[shuffle])
    )


def test_holm_against_values_worked_by_hand() -> None:
    adjusted = holm([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_unequal_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="same items"):
        paired_difference(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize("statistic", ["mean", "median", "median_absolute"])
def test_both_ends_and_their_difference_are_one_statistic(statistic: Any) -> None:
    rng = np.random.default_rng(11)
    labels = [f"p{i % 12}" for i in range(36)]
    base, head = rng.normal(size=36), 0.8 + rng.standard_t(2, size=36)
    found = paired_difference(base, head, labels, statistic=statistic)
    ends = [statistic_interval(v, labels, statistic).value for v in (base, head)]
    assert [found.base, found.head] == ends
    assert found.difference == pytest.approx(ends[1] - ends[0], abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.difference <= found.high


def test_a_median_is_not_moved_by_the_outliers_that_move_a_mean() -> None:
    rng = np.random.default_rng(12)
    base = rng.normal(10, 1, 32)
    head = base - 1 + rng.normal(0, 0.2, 32)
    head[:3] += 60  # three bad clips: the mean rises, the median falls
    labels = list(range(32))
    mean, median = (paired_difference(base, head, labels, statistic=s) for s in ("mean", "median"))
    assert mean.difference > 0 > median.difference
    (told,) = paired_tests([PairedValues(base, head, labels, "median")])
    assert told.moved == -1


def test_what_is_told_of_two_runs_turns_round_with_them() -> None:
    rng, moved = np.random.default_rng(13), 0
    for _ in range(30):
        one = [rng.normal(size=20) for _ in range(6)]
        other = [o + rng.normal(0.4 * (k % 3), 0.7, 20) for k, o in enumerate(one)]
        kinds = ("mean", "median", "median_absolute") * 2
        scores, turned = (
            [PairedValues(a, b, list(range(20)), k) for a, b, k in zip(*both, kinds, strict=True)]
            for both in ((one, other), (other, one))
        )
        there, back = paired_tests(scores), paired_tests(turned)
        assert directions(scores) == [t.moved for t in there]
        assert [t.moved for t in there] == [-(t.moved or 0) for t in back]
        assert [t.p_adjusted for t in there] == [t.p_adjusted for t in back]
        moved += sum(t.moved != 0 for t in there)
    assert moved > 20


def test_scores_of_too_few_prompts_take_no_part_in_the_correction() -> None:
    rng = np.random.default_rng(14)
    base = rng.normal(size=12)
    full = PairedValues(base, base + 1 + rng.normal(0, 0.3, 12), list(range(12)))
    few = PairedValues(np.zeros(7), np.ones(7), list(range(7)))
    alone, (found, left) = paired_tests([full]), paired_tests([full, few])
    assert found == alone[0]
    assert (left.moved, left.p_adjusted, left.result.method) == (None, None, "too_few")


def test_the_interval_of_a_difference_of_medians_holds_it() -> None:
    rng, held = np.random.default_rng(15), 0
    for _ in range(300):
        common = rng.normal(size=30)
        base, head = (np.exp(0.6 * common + 0.8 * rng.normal(size=30)) for _ in range(2))
        found = paired_difference(base, head, statistic="median", resamples=400)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert held / 300 >= 0.93
