from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_rel

from lvbench.leaderboard.ranks import Rank, marks, rankable, score_ranks
from lvbench.leaderboard.separation import separate
from lvbench.results.schema import Score


def _scores(values: np.ndarray, better: bool) -> list[Score]:
    return [
        Score(
            value=float(v), ci_low=float(v) - 9, ci_high=float(v) + 9, n_expected=24, n_scored=24,
            n_failed=0, higher_is_better=better, unit="",
        )
        for v in values
    ]  # fmt: skip


def _prompts(x: np.ndarray) -> list[dict[str, float]]:
    return [{f"p{i}": float(v) for i, v in enumerate(row)} for row in x]


@pytest.mark.parametrize("better", [True, False])
def test_two_models_agree_with_scipys_paired_test(better: bool) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(2, 24)) + 5 * rng.normal(size=24)
        x[0] += 0.6
        found = separate(_scores(x.mean(1), better), _prompts(x), [True, True])
        p = float(ttest_rel(x[0], x[1]).pvalue)
        lower, upper = (1, 0) if x[0].mean() > x[1].mean() else (0, 1)
        assert found.worse[(lower, upper) if better else (upper, lower)] == (p < 0.05)
        assert found.worse.sum() == (p < 0.05)
        assert found.methods == {"paired"}


def test_alike_models_are_told_apart_no_more_often_than_the_level() -> None:
    rng = np.random.default_rng(0)
    trials = 400
    told = 0
    for _ in range(trials):
        # Skewed, and with a level of each prompt that all models share.
        x = rng.exponential(size=(8, 24)) + 3 * rng.normal(size=24)
        told += bool(separate(_scores(x.mean(1), True), _prompts(x), [True] * 8).worse.any())
    # Three standard errors above 5 % of 400 trials.
    assert told / trials < 0.083


def test_common_prompts_alone_are_compared() -> None:
    x = np.arange(24.0)
    ours = {f"p{i}": float(v) for i, v in enumerate(x)}
    theirs = {f"p{i}": float(v) + 1 + 0.01 * (i % 3) for i, v in enumerate(x[:12])}
    few = {f"p{i}": float(v) + 1 for i, v in enumerate(x[:5])}
    scores = _scores(np.array([1.0, 2.0, 3.0]), better=True)
    found = separate(scores, [ours, theirs, few], [True] * 3)
    assert found.worse.tolist() == [[False, True, False], [False] * 3, [False] * 3]
    assert found.methods == {"paired", "intervals"}


def test_equal_differences_are_no_chance_and_none_is_no_difference() -> None:
    base = {f"p{i}": float(i) for i in range(9)}
    shifted = {name: value + 0.5 for name, value in base.items()}
    scores = _scores(np.zeros(3), better=True)
    worse = separate(scores, [base, shifted, base], [True] * 3).worse
    assert worse.tolist() == [[False, True, False], [False] * 3, [False, True, False]]


def test_marks_are_groups_and_all_alike_have_none() -> None:
    worse = np.zeros((4, 4), bool)
    worse[2, 0] = worse[2, 1] = worse[3, 0] = worse[3, 1] = worse[3, 2] = True
    ranks = [Rank(1, 2), Rank(1, 2), Rank(3, 3), Rank(4, 4)]
    assert marks(ranks, worse) == ["best", "best", "second", ""]
    assert marks([*ranks[:2], None, None], np.zeros((4, 4), bool)) == [""] * 4


def test_who_is_left_out_counts_for_nobody() -> None:
    scores = _scores(np.array([1.0, 2.0, 3.0]), better=True)
    assert all(map(rankable, scores))
    found = separate(scores, _prompts(np.arange(3.0)[:, None] + np.zeros(9)), [True, True, False])
    assert not found.worse[:, 2].any()
    assert score_ranks([*scores[:2], None], found.worse) == [Rank(2, 2), Rank(1, 1), None]
