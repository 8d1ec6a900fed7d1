from __future__ import annotations

from lvbench.leaderboard.ranks import Rank, overall, rankable, score_ranks, ties
from lvbench.leaderboard.separation import separate
from lvbench.results.schema import Gate, Score


def _score(value: float, *, half: float = 0.1, better: bool | None = True, gated: bool = False):  # type: ignore[no-untyped-def]
    gates = [Gate(metric="freeze", share=1.0, limit=0.1, n=10, n_failed=0)] if gated else []
    return Score(
        value=value, ci_low=value - half, ci_high=value + half, n_expected=9, n_scored=9,
        n_failed=0, higher_is_better=better, unit="", gates=gates,
    )  # fmt: skip


def _ranks(scores: list[Score | None]) -> list[Rank | None]:
    """Rank by the intervals alone, as nothing is known of single videos."""
    part = [score if rankable(score) else None for score in scores]
    return score_ranks(part, separate({"fvd": part}, [()] * len(part))["fvd"].worse)


def test_overlapping_intervals_share_places() -> None:
    ranks = _ranks([_score(3.0), _score(1.0), _score(1.05)])
    assert ranks == [Rank(1, 1), Rank(2, 3), Rank(2, 3)]


def test_lower_is_better_turns_the_order() -> None:
    assert _ranks([_score(3.0, better=False), _score(1.0, better=False)]) == [
        Rank(2, 2), Rank(1, 1),
    ]  # fmt: skip


def test_gated_and_undirected_and_intervalless_scores_have_no_rank() -> None:
    bare = Score(value=9.0, n_expected=1, n_scored=1, n_failed=0, higher_is_better=True, unit="")
    ranks = _ranks([_score(9.0, gated=True), _score(9.0, better=None), bare, None, _score(1)])
    assert ranks == [None, None, None, None, Rank(1, 1)]


def test_what_was_measured_elsewhere_ranks_nobody() -> None:
    fast = _score(0.1, better=False).model_copy(update={"measured": True})
    assert _ranks([fast, fast]) == [None, None]


def test_a_score_that_one_model_lacks_still_tells_the_others_apart() -> None:
    told: dict[str, list[Rank | None]] = {
        "a": [Rank(1, 2), Rank(1, 2)],
        "b": [Rank(1, 1), Rank(2, 2)],
    }
    assert overall(told) == [Rank(1, 1.5), Rank(1.5, 2)]
    dodged = {"a": [Rank(1, 3), Rank(1, 3), Rank(1, 3)], "b": [Rank(1, 1), Rank(2, 2), None]}
    # What is not known of the third on b widens ranges and decides nothing for it.
    assert overall(dodged) == [Rank(1, 2.5), Rank(1.5, 3), Rank(1, 3)]


def test_a_score_of_one_model_alone_says_nothing_and_no_rank_stays_none() -> None:
    ranks: dict[str, list[Rank | None]] = {
        "a": [Rank(1, 1), Rank(2, 2), None], "b": [None, Rank(1, 1), None],
    }  # fmt: skip
    assert overall(ranks) == [Rank(1, 1), Rank(2, 2), None]
    assert overall({"a": [Rank(1, 1), None]}) == [Rank(1, 1), None]
    assert overall({}) == []


def test_groups_end_where_no_range_overlaps() -> None:
    ranks = [Rank(1, 2), Rank(1, 2), Rank(2, 3), Rank(4, 4), None, None]
    assert ties(ranks) == [False, False, False, True, True, False]
