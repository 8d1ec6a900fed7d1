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

    best: int
    worst: int

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


def marks(scores: Sequence[Score | None], worse: Matrix) -> list[str]:
    """Return `best` for models that no other beats, `second` for those that only `best` beat.

    Where all are best nothing is marked: the score distinguishes no models.

    Args:
        scores: One per model; None where the model has no rank on this score.
        worse: `worse[i, j]` where model i is worse than model j.
    """
    part = np.array([score is not None for score in scores], bool)
    best = part & ~worse.any(axis=1)
    rest = part & ~best
    second = rest & ~(worse & rest[None, :]).any(axis=1)
    if not rest.any():
        return [""] * len(scores)
    return ["best" if b else "second" if s else "" for b, s in zip(best, second, strict=True)]


def overall(worse: Mapping[str, Matrix], ranked: Sequence[bool]) -> list[Rank | None]:
    """Return the places that each model may have, from pairs of models alone.

    One model beats another if it is better on more scores than it is worse. It is above the other
    if it beats it, or beats one that is above it, and not the other way round too: models that
    beat each other in a circle are tied. No third model can turn the order of two.

    Args:
        worse: By score key: `worse[i, j]` where model i is worse than model j.
        ranked: Which models take part.

    Returns:
        One range per model: one place below every model above it, and above every model below it;
        None for a model that does not take part.
    """
    part = np.asarray(ranked, bool)
    lost = sum((m.astype(int) for m in worse.values()), np.zeros((len(part), len(part)), int))
    reached = (lost < lost.T) & part & part[:, None]
    for middle in np.flatnonzero(part):
        reached |= reached[:, [middle]] & reached[[middle]]
    above = reached & ~reached.T
    known = int(part.sum())
    return [
        Rank(1 + int(above[:, i].sum()), known - int(above[i].sum())) if part[i] else None
        for i in range(len(part))
    ]


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
