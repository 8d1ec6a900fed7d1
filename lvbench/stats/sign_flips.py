"""Tests by swapping two runs, prompt by prompt: of one difference, and of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.bootstrap import Statistic, sized

Floats = NDArray[np.float64]

_EXACT_FLIPS = 4096
_DRAWN_FLIPS = 1999
_AT_ONCE = 1 << 22  # values of which medians are taken at once: 32 MB
_TIE = 1e-12  # a swap that ties exactly must count, whatever the rounding of its sum


@dataclass(frozen=True, slots=True)
class PairedValues:
    """Hold one score of two runs over the items that both have.

    Attributes:
        base: One value per item, `(n,)`.
        head: The same items in the same order, `(n,)`.
        clusters: One label per item (the prompt).
        statistic: How items become one number: the difference is of that.
    """

    base: Floats
    head: Floats
    clusters: Sequence[str] | Sequence[int]
    statistic: Statistic = "mean"

    def in_order(self) -> PairedValues:
        """Return the same in canonical order, so that the order of items cannot move a bit."""
        base, head = sized(self.base, self.statistic), sized(self.head, self.statistic)
        labels = np.asarray(self.clusters)
        order = np.lexsort((head, base, labels))
        return PairedValues(base[order], head[order], labels[order].tolist(), self.statistic)


def swap_test(values: PairedValues, seed: int) -> float:
    """Return the p-value of one score by itself; see `step_down_max_t`."""
    return float(step_down_max_t([values], seed=seed)[0])


def step_down_max_t(scores: Sequence[PairedValues], *, seed: int = 0) -> Floats:
    """Test many scores of two runs together; the family-wise error is held.

    If base and head are drawn alike, the two may be swapped within any prompt. The difference of
    the scores' statistics is computed again with the prompts of a pattern swapped; for a mean that
    flips the signs of whole prompts' differences. A pattern swaps a prompt in all scores at once,
    so that the largest of the differences, each over its standard deviation over all patterns, is
    as correlated as the scores are: related scores cost less than Holm's correction would charge.
    And with few prompts the smallest p-value is not multiplied by the number of scores.

    Args:
        scores: The scores; they may lack items.
        seed: Seed of the patterns; all of them are taken up to 12 clusters.

    Returns:
        Adjusted two-sided p-values, float64 `(scores,)`, in (0, 1], in the order given; the same
        for any order of items, and for base and head exchanged.

    Raises:
        ValueError: A score's values and clusters differ in number.

    Source:
        Westfall, Young, Resampling-Based Multiple Testing (1993), algorithm 2.8.
    """
    if not scores:
        return np.empty(0)
    ordered = [score.in_order() for score in scores]
    names = np.unique(np.concatenate([np.asarray(score.clusters) for score in ordered]))
    patterns = _patterns(len(names), seed)
    columns = [_swapped(score, names, patterns) for score in ordered]
    observed = np.array([abs(own) for own, _ in columns])
    order = np.argsort(-observed, kind="stable")
    flipped = np.abs(np.stack([columns[k][1] for k in order], axis=1))
    # The largest among this score and all that are less extreme.
    largest = np.maximum.accumulate(flipped[:, ::-1], axis=1)[:, ::-1]
    p = _share(largest >= observed[order] - _TIE * np.sqrt(len(names)), len(names))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def _swapped(
    score: PairedValues, names: NDArray[np.generic], patterns: Floats
) -> tuple[float, Floats]:
    """Return the difference as observed and under every pattern, over its standard deviation."""
    own = np.searchsorted(names, np.asarray(score.clusters))
    if not len(score.base) == len(score.head) == len(own):
        raise ValueError(f"{len(score.base)} and {len(score.head)} values, {len(own)} clusters")
    if score.statistic == "mean":
        sums = np.bincount(own, score.head - score.base, len(names)).astype(np.float64)
        norm = float(np.sqrt((sums**2).sum()))  # the deviation over all patterns, exactly
        unit = sums / norm if norm > 0 else np.zeros(len(sums))
        return float(unit.sum()), np.asarray(patterns @ unit)
    observed = float(np.median(score.head) - np.median(score.base))
    found = np.empty(len(patterns))
    step = max(1, _AT_ONCE // len(own))
    for first in range(0, len(patterns), step):
        kept = patterns[first : first + step, own] > 0
        heads = np.where(kept, score.head, score.base)
        bases = np.where(kept, score.base, score.head)
        found[first : first + step] = np.median(heads, axis=1) - np.median(bases, axis=1)
    spread = float(np.sqrt((found**2).mean()))
    return (observed / spread, found / spread) if spread > 0 else (0.0, found)


def _share(reached: NDArray[np.bool_], clusters: int) -> Floats:
    """Return per column the share of patterns that reached what was observed."""
    if 2**clusters <= _EXACT_FLIPS:
        return np.asarray(reached.mean(0))
    return np.asarray((1 + reached.sum(0)) / (1 + _DRAWN_FLIPS))  # the data are a pattern too


@lru_cache(maxsize=1)
def _patterns(clusters: int, seed: int) -> Floats:
    """Return sign patterns `(patterns, clusters)`: all of them, or drawn ones."""
    if 2**clusters <= _EXACT_FLIPS:
        bits = np.arange(2**clusters)[:, None] >> np.arange(clusters) & 1
        return np.asarray(1.0 - 2.0 * bits)
    rng = np.random.default_rng(seed)
    return np.asarray(1.0 - 2.0 * rng.integers(0, 2, size=(_DRAWN_FLIPS, clusters)))
