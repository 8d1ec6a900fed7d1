"""Rank models: a rank is a range, and models that cannot be told apart are tied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.leaderboard.separation import Matrix
from lvbench.results.schema import Score


@dataclass(frozen=True, slots=True)
class Rank:
    """The places that a model may have: 1 is best."""

    best: float
    worst: float

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.best + self.worst) / 2


def rankable(score: Score | None) -> bool:
    """Tell whether a score takes part: it has a value, a direction, an interval and no bad gate.

    What was measured while the videos were made stands beside quality and ranks nobody: machines
    differ.
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
    """Return `best` for the models that none is better than, `second` for those none else is.

    Where all are best nothing is marked: the score tells nobody apart.
    """
    part = np.array([rank is not None for rank in ranks], bool)
    best = part & ~worse.any(axis=1)
    rest = part & ~best
    second = rest & ~(worse & rest[None, :]).any(axis=1)
    if not rest.any():
        return [""] * len(ranks)
    return ["best" if b else "second" if s else "" for b, s in zip(best, second, strict=True)]


def overall(ranks: Mapping[str, Sequence[Rank | None]]) -> list[Rank | None]:
    """Return each model's mean rank range over the scores on which every ranked model has one.

    Args:
        ranks: By score key, one rank per model.

    Returns:
        One range per model; None for a model without a single rank.
    """
    columns = list(ranks.values())
    count = len(columns[0]) if columns else 0
    ranked = [any(column[i] is not None for column in columns) for i in range(count)]
    # A score that some ranked model lacks would favour or punish it for being absent.
    full = [c for c in columns if all(c[i] is not None for i in range(count) if ranked[i])]
    found: list[Rank | None] = []
    for i in range(count):
        own = [rank for column in full if (rank := column[i]) is not None]
        if not own:
            found.append(None)
            continue
        found.append(
            Rank(sum(r.best for r in own) / len(own), sum(r.worst for r in own) / len(own))
        )
    return found


def ties(ranks: Sequence[Rank | None]) -> list[bool]:
    """Tell, for models in order, before which a new group begins.

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
