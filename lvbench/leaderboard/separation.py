"""Decide which models differ on a score: by the test of `compare`, or by their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from lvbench.comparison.pairing import pair
from lvbench.comparison.scores import over_pairs
from lvbench.report.tables.describe import describe, metric_info
from lvbench.report.tables.table import is_worse
from lvbench.results.schema import ItemRecord, Score
from lvbench.stats.paired import directions

Matrix = NDArray[np.bool_]

PAIRED, INTERVALS = "paired", "intervals"
STILLER = 2 / 3
"""Ratio of two models' dynamics below which the wins of the stiller one do not count."""


@dataclass(frozen=True, slots=True)
class Separation:
    """Which models are worse than which on one score.

    Attributes:
        worse: `worse[i, j]` where model i is worse than model j beyond chance, `(n, n)`.
        methods: `paired`, `intervals` or both, depending on the pairs of models.
    """

    worse: Matrix
    methods: set[str] = field(default_factory=set)


def separate(
    scores: Mapping[str, Sequence[Score | None]],
    items: Sequence[Sequence[ItemRecord]],
    last: Mapping[str, Sequence[bool]],
    dynamics: Sequence[Score | None] = (),
) -> dict[str, Separation]:
    """Return which models differ, by score.

    A model that is `last` on a score is worse there than all models that have it.

    Stillness improves most scores. So a model whose dynamics is less than two thirds of another's
    wins nothing against it. One that moves less, by any share, wins on a score that a still picture
    gates only where its distance to the best possible value is smaller by a greater share.

    Two models are compared as `lvbench compare` compares two runs: over their paired videos, each
    score by its own statistic, all scores of the pair tested together. Each pair of models is a
    separate family of tests, so that no third model changes the result of two. For distances
    between sets, and models without paired videos, models differ where their intervals do not
    overlap.

    Args:
        scores: By key, one per model; None where the model is not ranked on that score.
        items: The videos of each model; empty where unknown.
        last: By key, which models are ranked last for want of the score.
        dynamics: The dynamics of each model, whether or not it ranks; empty where all wins count.
    """
    n = len(items)
    found = {key: Separation(_last(own, last[key])) for key, own in scores.items()}
    for i, j in combinations(range(n), 2):
        both = {
            key: (one, other)
            for key, own in scores.items()
            if (one := own[i]) is not None and (other := own[j]) is not None
        }
        moved = _moved(list(both), items[i], items[j])
        for key, (one, other) in both.items():
            if key in moved:
                found[key].methods.add(PAIRED)
                gained = (1 if one.higher_is_better else -1) * (moved[key] or 0)
            else:
                found[key].methods.add(INTERVALS)
                gained = _by_intervals(one, other)
            found[key].worse[i, j] = gained > 0
            found[key].worse[j, i] = gained < 0
    for i, j in permutations(range(len(dynamics)), 2):
        moving = _moving(dynamics[i], dynamics[j])
        for key, separation in found.items():
            if moving < STILLER or not _beyond(key, scores[key][i], scores[key][j], moving):
                separation.worse[j, i] = False
    return found


def _last(scores: Sequence[Score | None], last: Sequence[bool]) -> Matrix:
    has = np.array([score is not None for score in scores], bool)
    return np.asarray(np.asarray(last, bool)[:, None] & ~has[:, None] & has)


def _moving(one: Score | None, other: Score | None) -> float:
    """Return the dynamics of the one as a share of the other's; 1 where it moves more."""
    if other is None or not other.value:
        return 1.0
    return 0.0 if one is None or one.value is None else min(1.0, one.value / other.value)


def _beyond(key: str, one: Score | None, other: Score | None, moving: float) -> bool:
    """Return whether the one is better by more than less motion explains."""
    info = metric_info(describe(key).metric)
    if moving == 1 or info is None or "stillness" not in info.gates:
        return True
    own, others = (_cost(score, info.range) for score in (one, other))
    return own is None or others is None or own < moving * others


def _cost(score: Score | None, bounds: tuple[float | None, float | None]) -> float | None:
    """Return the distance to the best possible value; None where there is none."""
    best = bounds[1 if score is not None and score.higher_is_better else 0]
    return None if score is None or score.value is None or best is None else abs(score.value - best)


def _moved(
    keys: Sequence[str], base: Sequence[ItemRecord], head: Sequence[ItemRecord]
) -> dict[str, int | None]:
    """Return by score the direction of its change between two models, over their paired videos."""
    pairing = pair(base, head)
    values = {
        key: found
        for key in keys
        if not describe(key).of_sets and (found := over_pairs(key, pairing)) is not None
    }
    return dict(zip(values, directions(list(values.values())), strict=True))


def _by_intervals(one: Score, other: Score) -> int:
    """Return 1 where the other is better, -1 where worse, 0 where the intervals overlap."""
    return int(is_worse(one, other)) - int(is_worse(other, one))
