from __future__ import annotations

import itertools

import numpy as np

from lvbench.leaderboard.ranks import Rank, marks, overall, rankable, ties
from lvbench.results.schema import Gate, Score


def _score(value: float, *, half: float = 0.1, better: bool | None = True, gated: bool = False):  # type: ignore[no-untyped-def]
    gates = [Gate(metric="freeze", share=1.0, limit=0.1, n=10, n_failed=0)] if gated else []
    return Score(
        value=value, ci_low=value - half, ci_high=value + half, n_expected=9, n_scored=9,
        n_failed=0, higher_is_better=better, unit="", gates=gates,
    )  # fmt: skip


def _worse(n: int, *pairs: tuple[int, int]) -> np.ndarray:
    """Return the matrix of pairs (worse, better)."""
    found = np.zeros((n, n), bool)
    for lower, higher in pairs:
        found[lower, higher] = True
    return found


def test_gated_and_undirected_and_intervalless_scores_are_not_ranked() -> None:
    bare = Score(value=9.0, n_expected=1, n_scored=1, n_failed=0, higher_is_better=True, unit="")
    assert rankable(_score(1.0))
    for score in (_score(9.0, gated=True), _score(9.0, better=None), bare, None):
        assert not rankable(score)


def test_scores_measured_during_generation_are_not_ranked() -> None:
    assert not rankable(_score(0.1, better=False).model_copy(update={"measured": True}))


def test_a_model_is_above_those_that_it_beats_on_more_scores() -> None:
    worse = {"a": _worse(3, (1, 0), (2, 0)), "b": _worse(3, (0, 1)), "c": _worse(3, (1, 0))}
    assert overall(worse, [True] * 3) == [Rank(1, 1), Rank(2, 3), Rank(2, 3)]


def test_a_circle_is_a_tie_above_what_all_of_it_beat() -> None:
    circle = _worse(4, (1, 0), (2, 1), (0, 2), (3, 0))
    assert overall({"a": circle}, [True] * 4) == [Rank(1, 3)] * 3 + [Rank(4, 4)]


def test_no_third_model_turns_the_order_of_two() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        worse = {str(k): np.triu(rng.random((5, 5)) < 0.4, 1) for k in range(4)}
        order = rng.permutation(5)
        worse = {k: m[order][:, order] for k, m in worse.items()}
        every = overall(worse, [True] * 5)
        for gone in range(5):
            part = [i != gone for i in range(5)]
            fewer = overall(worse, part)
            assert fewer[gone] is None
            for i, j in itertools.permutations(np.flatnonzero(part).tolist(), 2):
                first, second, one, other = every[i], every[j], fewer[i], fewer[j]
                assert first is not None
                assert second is not None
                assert one is not None
                assert other is not None
                # Never above with the third model and below without it.
                assert not (first.worst < second.best and other.worst < one.best)


def test_without_scores_all_are_tied() -> None:
    assert overall({}, [True, True, False]) == [Rank(1, 2), Rank(1, 2), None]
    assert overall({}, []) == []


def test_marks_are_groups_and_all_alike_have_none() -> None:
    worse = _worse(4, (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
    scores = [_score(1.0)] * 4
    assert marks(scores, worse) == ["best", "best", "second", ""]
    assert marks([*scores[:2], None, None], np.zeros((4, 4), bool)) == [""] * 4


def test_groups_end_where_no_range_overlaps() -> None:
    ranks = [Rank(1, 2), Rank(1, 2), Rank(2, 3), Rank(4, 4), None, None]
    assert ties(ranks) == [False, False, False, True, True, False]
