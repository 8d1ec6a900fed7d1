"""Tests by flipping signs: of one paired difference, and of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_EXACT_FLIPS = 4096
_DRAWN_FLIPS = 9999
_TIE = 1e-12  # a flip that ties exactly must count, whatever the rounding of its sum


def sign_flip(sums: Floats, seed: int) -> Floats:
    """Return the share of sign patterns over clusters whose sum is as large, in (0, 1].

    Args:
        sums: Sum of the differences of each cluster, `(clusters, tests)`.
        seed: Seed of the patterns; all of them are taken up to 12 clusters.

    Returns:
        Two-sided p-values, each test by itself, float64 `(tests,)`.
    """
    reached = np.abs(sums.sum(0)) - _TIE * np.abs(sums).sum(0)
    return _share(np.abs(_patterns(len(sums), seed) @ sums) >= reached, len(sums))


def step_down_max_t(
    differences: Sequence[ArrayLike],
    clusters: Sequence[Sequence[str] | Sequence[int]],
    *,
    seed: int = 0,
) -> Floats:
    """Adjust the sign-flip tests of many scores for one another; the family-wise error is held.

    A pattern flips a cluster in all scores at once, so that the largest of the flipped sums, each
    over its norm, is as correlated as the scores are: closely related scores cost less than Holm's
    correction would charge. And with few clusters the smallest p-value is not multiplied by the
    number of scores.

    Args:
        differences: Per score the paired differences, `(n,)`; scores may lack items.
        clusters: Per score the cluster of each difference.
        seed: Seed of the patterns; all of them are taken up to 12 clusters.

    Returns:
        Adjusted p-values, float64 `(scores,)`, in the order given; the same for any order of items.

    Raises:
        ValueError: Unequal lengths.

    Source:
        Westfall, Young, Resampling-Based Multiple Testing (1993), algorithm 2.8.
    """
    if not differences:
        return np.empty(0)
    names = np.unique(np.concatenate([np.asarray(labels) for labels in clusters]))
    rows = [_sums(d, labels, names) for d, labels in zip(differences, clusters, strict=True)]
    sums = np.stack(rows, axis=1)
    norm = np.sqrt((sums**2).sum(0))
    unit = np.divide(sums, norm, out=np.zeros_like(sums), where=norm > 0)
    observed = np.abs(unit.sum(0))
    order = np.argsort(-observed, kind="stable")
    flipped = np.abs(_patterns(len(names), seed) @ unit[:, order])
    # The largest among this score and all that are less extreme.
    largest = np.maximum.accumulate(flipped[:, ::-1], axis=1)[:, ::-1]
    room = _TIE * np.sqrt(len(names))
    p = _share(largest >= observed[order] - room, len(names))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def _sums(
    difference: ArrayLike, labels: Sequence[str] | Sequence[int], names: NDArray[np.generic]
) -> Floats:
    """Return the sum of each cluster, 0 where the score has none of it, in any order of items."""
    d, own = np.asarray(difference, dtype=np.float64), np.searchsorted(names, np.asarray(labels))
    if len(d) != len(own):
        raise ValueError(f"{len(d)} differences but {len(own)} clusters")
    order = np.lexsort((d, own))
    return np.bincount(own[order], d[order], len(names)).astype(np.float64)


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
