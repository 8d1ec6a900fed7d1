"""Paired comparison of two runs over the same items, clustered by prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Sample, canonical, mean_interval
from lvbench.stats.sign_flips import sign_flip

Floats = NDArray[np.float64]

_POWER = 0.8
_SIZE = 0.05


@dataclass(frozen=True, slots=True)
class PairedResult:
    """Hold the difference head minus base over paired items.

    Attributes:
        mean_difference: Mean over pairs.
        low: Lower limit of its interval, None where no interval is given.
        high: Upper limit of its interval, None where no interval is given.
        method: `boot-t1000`, or `too_few` clusters.
        p_value: Two-sided, by flipping the signs of whole clusters; (0, 1].
        n_pairs: Number of pairs.
        effect_size: Paired Cohen's d_z, mean over standard deviation of the differences; None
            where they are all equal but not zero, or there is one pair.
        minimum_detectable: Smallest true mean difference that a two-sided test at 5 % finds with
            80 % power given this spread and number of clusters; None with too few clusters.
    """

    mean_difference: float
    low: float | None
    high: float | None
    method: str
    p_value: float
    n_pairs: int
    effect_size: float | None
    minimum_detectable: float | None


def paired_difference(
    base: ArrayLike,
    head: ArrayLike,
    clusters: Sequence[str] | Sequence[int] | None = None,
    *,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> PairedResult:
    """Compare two runs item by item.

    Args:
        base: One value per item, `(n,)`.
        head: The same items in the same order, `(n,)`.
        clusters: One label per item (the prompt), or None where each item is its own cluster.
        seed: Seed of the resamples and of the sign flips.
        resamples: Number of bootstrap resamples.
        level: Coverage of the interval.

    Returns:
        The difference with its interval, test, effect size and the smallest detectable difference.

    Raises:
        ValueError: No pairs, unequal lengths, or a value that is not finite.
    """
    b, h = np.asarray(base, dtype=np.float64), np.asarray(head, dtype=np.float64)
    if b.shape != h.shape:
        raise ValueError(f"base and head must hold the same items, not {b.shape} and {h.shape}")
    difference = h - b
    sample = canonical(difference, clusters)
    interval = mean_interval(difference, clusters, level=level, resamples=resamples, seed=seed)
    sums = np.bincount(sample.cluster, sample.values, sample.clusters).astype(np.float64)
    return PairedResult(
        mean_difference=interval.value,
        low=interval.low,
        high=interval.high,
        method=interval.method,
        p_value=float(sign_flip(sums[:, None], seed)[0]),
        n_pairs=len(difference),
        effect_size=_effect_size(sample.values),
        minimum_detectable=_minimum_detectable(sample),
    )


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values for the number of tests; the family-wise error stays below the level.

    Args:
        p_values: `(k,)`, in [0, 1].

    Returns:
        Adjusted p-values, float64 `(k,)`, in the order given, never below the input.

    Source:
        Holm, Scand. J. Statist. 6 (1979), 65-70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def _effect_size(difference: Floats) -> float | None:
    if not difference.any():
        return 0.0
    if len(difference) < 2 or np.ptp(difference) == 0:
        return None
    return float(difference.mean() / difference.std(ddof=1))


def _minimum_detectable(sample: Sample) -> float | None:
    if sample.clusters < FEWEST_CLUSTERS:
        return None
    from scipy.stats import t as student

    score = np.bincount(sample.cluster, sample.values - sample.values.mean(), sample.clusters)
    freedom = sample.clusters - 1
    error = np.sqrt(sample.clusters / freedom * (score**2).sum()) / len(sample.values)
    reach = student.ppf(1 - _SIZE / 2, freedom) + student.ppf(_POWER, freedom)
    return float(reach * error)
