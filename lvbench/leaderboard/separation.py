"""Which models are told apart on a score: paired over common prompts, else by their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.results.schema import Score
from lvbench.stats.bootstrap import FEWEST_CLUSTERS
from lvbench.stats.paired import holm

Floats = NDArray[np.float64]
Matrix = NDArray[np.bool_]

SIZE = 0.05
PAIRED, INTERVALS = "paired", "intervals"


@dataclass(frozen=True, slots=True)
class Separation:
    """Who is worse than whom on one score.

    Attributes:
        worse: `worse[i, j]` where model i is worse than model j beyond chance, `(n, n)`.
        methods: `paired`, `intervals`, or both, as pairs of models allowed.
    """

    worse: Matrix
    methods: frozenset[str]


def separate(
    scores: Sequence[Score | None],
    values: Sequence[Mapping[str, float] | None],
    takes_part: Sequence[bool],
) -> Separation:
    """Return which models that take part are told apart.

    Two models that share at least 8 prompts are compared prompt by prompt (a paired t-test of the
    differences, Holm's correction over all pairs of models on this score, 5 % in all); others by
    whether their intervals overlap.

    Args:
        scores: One per model.
        values: By prompt, larger or smaller better as the score says; None where unknown.
        takes_part: Which models can be ranked on the score.
    """
    n = len(scores)
    worse = np.zeros((n, n), bool)
    part: list[int] = np.flatnonzero(takes_part).tolist()
    if len(part) < 2:
        return Separation(worse, frozenset())
    better = scores[part[0]]
    assert better is not None
    sign = 1.0 if better.higher_is_better else -1.0
    counts, t = _paired([values[i] for i in part], sign)
    own = _by_intervals([scores[i] for i in part])
    known = counts >= FEWEST_CLUSTERS
    above = np.triu(known, 1)
    if above.any():
        p = _two_sided(t, counts)
        adjusted = np.ones_like(p)
        adjusted[above] = holm(p[above])
        adjusted = np.minimum(adjusted, adjusted.T)
        own = np.where(known, (adjusted < SIZE) & (t < 0), own)
    pairs = ~np.eye(len(part), dtype=bool)
    methods = {PAIRED} if (known & pairs).any() else set()
    methods |= {INTERVALS} if (~known & pairs).any() else set()
    worse[np.ix_(part, part)] = own & pairs
    return Separation(worse, frozenset(methods))


def _paired(values: Sequence[Mapping[str, float] | None], sign: float) -> tuple[Floats, Floats]:
    """Return the number of common prompts, and t of the mean difference i minus j, `(n, n)`."""
    prompts = sorted({prompt for own in values for prompt in (own or {})})
    x = np.array([[(own or {}).get(p, np.nan) for p in prompts] for own in values], np.float64)
    x = (x * sign).reshape(len(values), len(prompts))
    there = np.isfinite(x)
    # Centred on each prompt's mean, so that squares cancel little.
    means = np.where(there, x, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    x = np.where(there, x - means, 0.0)
    mask = there.astype(np.float64)
    counts = mask @ mask.T
    sums = x @ mask.T - mask @ x.T
    squares = (x * x) @ mask.T + mask @ (x * x).T - 2 * x @ x.T
    n = np.maximum(counts, 1.0)
    spread = squares - sums * sums / n
    # What rounding leaves of equal differences is no spread.
    spread = np.where(spread > 1e-12 * np.maximum(squares, 1e-300), spread, 0.0)
    error = np.sqrt(spread / np.maximum(counts - 1, 1.0) / n)
    mean = sums / n
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, mean / error, np.where(squares > 0, np.sign(mean) * np.inf, 0.0))
    return counts, t


def _two_sided(t: Floats, counts: Floats) -> Floats:
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(np.maximum(counts - 1, 1.0), -np.abs(t)), np.float64)


def _by_intervals(scores: Sequence[Score | None]) -> Matrix:
    spans = np.array([_badness(score) for score in scores if score is not None])
    return np.asarray(spans[:, :1] > spans[:, 1][None, :])


def _badness(score: Score) -> tuple[float, float]:
    """Return the interval turned so that smaller is better."""
    assert score.ci_low is not None
    assert score.ci_high is not None
    if score.higher_is_better:
        return -score.ci_high, -score.ci_low
    return score.ci_low, score.ci_high
