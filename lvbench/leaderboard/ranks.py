"""Rank models: a rank is a range, and models that cannot be distinguished are tied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.leaderboard.separation import Matrix
from lvbench.results.schema import Score


@dataclass(frozen=True, slots=True)
class Rank:
    """The range of places that a model may have; 1 is best."""

    best: float
    worst: float

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.best + self.worst) / 2


def rankable(score: Score | None) -> bool:
    """Return whether a score is ranked: it has a value, a direction, an interval, no failed gate.

    Scores measured during generation are shown but not ranked: machines differ.
    """
    return (
        score is not None
        and not score.measured
        and score.value is not None
        and score.higher_is_better is not None
        and score.ci_low is not None
        and score.ci_high is not None
        and not any(gate.failed for gate in score.gates)
    )


def score_ranks(scores: Sequence[Score | None], worse: Matrix) -> list[Rank | None]:
    """Return each model's rank on one score; None for those that cannot be ranked.

    Args:
        scores: One per model.
        worse: `worse[i, j]` where model i is worse than model j.
    """
    takes_part = [rankable(score) for score in scores]
    known = sum(takes_part)
    return [
        Rank(1 + int(worse[i].sum()), known - int(worse[:, i].sum())) if part else None
        for i, part in enumerate(takes_part)
    ]


def marks(ranks: Sequence[Rank | None], worse: Matrix) -> list[str]:
    """Return `best` for models that no other beats, `second` for those that only `best` beat.

    Where all are best nothing is marked: the score distinguishes no models.
    """
    part = np.array([rank is not None for rank in ranks], bool)
    best = part & ~worse.any(axis=1)
    rest = part & ~best
    second = rest & ~(worse & rest[None, :]).any(axis=1)
    if not rest.any():
        return [""] * len(ranks)
    return ["best" if b else "second" if s else "" for b, s in zip(best, second, strict=True)]


def overall(ranks: Mapping[str, Sequence[Rank | None]]) -> list[Rank | None]:
    """Return each model's mean rank range over the scores on which two ranked models have one.

    A ranked model without a rank on such a score may have any place there, and each other model
    may be one place lower. A missing score of one model thus removes no score from the others.

    Args:
        ranks: By score key, one rank per model.

    Returns:
        One range per model; None for a model without a single rank.
    """
    columns = [column for column in ranks.values() if sum(rank is not None for rank in column) > 1]
    every = list(ranks.values())
    count = len(every[0]) if every else 0
    ranked = [any(column[i] is not None for column in every) for i in range(count)]
    # A single model is first.
    filled = [_filled(column, ranked) for column in columns or every]
    return [_mean([column[i] for column in filled]) if ranked[i] else None for i in range(count)]


def _filled(column: Sequence[Rank | None], ranked: Sequence[bool]) -> list[Rank]:
    """Return the ranks on one score; an unknown one ranges over all places."""
    unknown = sum(part and rank is None for rank, part in zip(column, ranked, strict=True))
    return [
        Rank(1, sum(ranked)) if rank is None else Rank(rank.best, rank.worst + unknown)
        for rank in column
    ]


def _mean(ranks: Sequence[Rank]) -> Rank:
    return Rank(
        sum(rank.best for rank in ranks) / len(ranks),
        sum(rank.worst for rank in ranks) / len(ranks),
    )


def ties(ranks: Sequence[Rank | None]) -> list[bool]:
    """Return, for models in order, whether a new group begins before each.

    A group goes on as long as a model's range overlaps that of the group so far.
    """
    starts: list[bool] = []
    worst = 0.0
    for number, rank in enumerate(ranks):
        previous = ranks[number - 1] if number else None
        new = number > 0 and (
            (rank is None) != (previous is None) or (rank is not None and rank.best > worst)
        )
        starts.append(new)
        if rank is not None:
            worst = rank.worst if new or number == 0 else max(worst, rank.worst)
    return starts
