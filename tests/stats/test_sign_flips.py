"""Many sign-flip tests at once: against every pattern by hand, Holm, correlation, few clusters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import wilcoxon

from lvbench.stats import PairedValues, holm, paired_difference, step_down_max_t


def together(
    rows: Sequence[np.ndarray], labels: Sequence[Sequence[Any]], **more: Any
) -> np.ndarray:
    """Test differences as those of a head from a base that is 0."""
    return step_down_max_t(
        [
            PairedValues(np.zeros(len(d)), d, own, **more)
            for d, own in zip(rows, labels, strict=True)
        ]
    )


def by_hand(rows: np.ndarray) -> np.ndarray:
    """Adjust every row of `(scores, clusters)` by Westfall and Young, one pattern at a time."""
    norm = np.sqrt((rows**2).sum(1))
    observed = np.abs(rows.sum(1)) / norm
    order = sorted(range(len(rows)), key=lambda k: -observed[k])
    counts, patterns = np.zeros(len(rows)), list(product((1, -1), repeat=rows.shape[1]))
    for signs in patterns:
        flipped = np.abs(rows @ np.array(signs)) / norm
        for place, k in enumerate(order):
            counts[k] += max(flipped[j] for j in order[place:]) >= observed[k] - 1e-9
    adjusted, worst = np.empty(len(rows)), 0.0
    for k in order:
        worst = max(worst, counts[k] / len(patterns))
        adjusted[k] = worst
    return adjusted


def test_against_every_pattern_by_hand() -> None:
    rows = np.random.default_rng(0).normal([[1.0], [0.5], [0.0], [-0.8]], 1.0, (4, 8))
    ours = together(list(rows), [list(range(8))] * 4)
    assert ours == pytest.approx(by_hand(rows), abs=1e-12)


@pytest.mark.parametrize("n", [9, 40])
def test_one_score_has_the_p_value_of_the_paired_test(n: int) -> None:
    difference = np.random.default_rng(n).normal(0.3, 1.0, n)
    alone = paired_difference(np.zeros(n), difference, list(range(n))).p_value
    assert together([difference], [list(range(n))]) == pytest.approx([alone])


def test_ten_copies_of_a_score_cost_nothing() -> None:
    difference = np.random.default_rng(1).normal(0.5, 1.0, 30)
    alone = paired_difference(np.zeros(30), difference, list(range(30))).p_value
    labels = [list(range(30))] * 10
    assert together([difference] * 10, labels) == pytest.approx([alone] * 10)
    assert holm([alone] * 10)[0] == pytest.approx(10 * alone)


def test_eight_prompts_can_tell_twelve_scores_where_holm_cannot() -> None:
    rng = np.random.default_rng(2)
    rows = [rng.normal(size=8) for _ in range(11)] + [1.0 + np.arange(8) / 10]
    smallest = together(rows, [list(range(8))] * 12)[-1]
    assert smallest < 0.05
    assert holm([2 / 2**8] * 12)[0] > 0.05


def test_unchanged_scores_are_not_told_apart_more_often_than_the_level() -> None:
    rng, alarms = np.random.default_rng(3), 0
    for _ in range(400):
        shared = rng.normal(size=8)
        rows = [shared + rng.normal(size=8) for _ in range(6)]
        alarms += together(rows, [list(range(8))] * 6).min() <= 0.05
    assert 0.02 <= alarms / 400 <= 0.075


def test_a_score_may_lack_prompts_and_the_order_moves_no_bit() -> None:
    rng = np.random.default_rng(4)
    labels = [[f"prompt {i % 14}" for i in range(30)], [f"prompt {i % 9}" for i in range(18)]]
    rows = [rng.normal(0.4, 1.0, 30), rng.normal(0.0, 1.0, 18)]
    shuffles = [rng.permutation(30), rng.permutation(18)]
    moved = together(
        [r[s] for r, s in zip(rows, shuffles, strict=True)],
        [[names[i] for i in s] for names, s in zip(labels, shuffles, strict=True)],
    )
    assert together(rows, labels).tolist() == moved.tolist()


def test_scores_without_any_difference_have_a_p_value_of_one() -> None:
    found = together([np.zeros(9), np.ones(9)], [list(range(9))] * 2)
    assert found.tolist() == [1.0, 2 / 2**9]
    assert together([], []).tolist() == []


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and 2 values, 3 clusters"):
        step_down_max_t([PairedValues(np.zeros(3), np.zeros(2), [0, 1, 2])])


def test_the_p_value_of_a_median_is_that_of_scipys_signed_ranks() -> None:
    rng, compared = np.random.default_rng(5), 0
    for _ in range(20):
        d = rng.normal(0.4, 1.0, 11)
        (own,) = together([d], [list(range(11))], statistic="median")
        if np.sign(np.median(d)) == np.sign(d.sum()):
            compared += 1
            assert own == pytest.approx(wilcoxon(d, method="exact").pvalue)
    assert compared > 10


def test_ranks_that_point_the_other_way_than_the_medians_count_for_nothing() -> None:
    # The median rises by 0.1, while nearly all items fall far.
    base = np.array([*np.full(5, -9.0), 0.0, *np.full(5, 9.0)])
    head = np.array([*np.full(5, -99.0), 0.1, *np.full(5, 1.0)])
    values = PairedValues(base, head, list(range(11)), "median")
    assert step_down_max_t([values]).tolist() == [1.0]
    assert step_down_max_t([PairedValues(base, head, list(range(11)))])[0] < 0.05
