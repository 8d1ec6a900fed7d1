"""Intervals of a mean or a median over videos, clustered by prompt: the studentised bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Statistic = Literal["mean", "median", "median_absolute"]

FEWEST_CLUSTERS = 8
# A resample in which nothing varies has no standard error; without a floor one such resample in
# forty throws the interval to infinity. A quarter reproduces the exact binomial limit for one
# failure among fifteen.
_SMALLEST_ERROR = 0.25


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold an estimate and its interval.

    Attributes:
        value: The estimate.
        low: Lower limit, None where no interval is given.
        high: Upper limit, None where no interval is given.
        method: How the interval was made: `boot-t1000`, or `too_few` clusters.
    """

    value: float
    low: float | None
    high: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold items in canonical order, so that the order of arrival cannot move a bit.

    Attributes:
        values: float64 `(n,)`, sorted within each cluster.
        cluster: Cluster of each value, int `(n,)`, ascending.
        clusters: Number of clusters.
    """

    values: Floats
    cluster: NDArray[np.intp]
    clusters: int


def canonical(values: ArrayLike, clusters: Sequence[str] | Sequence[int] | None) -> Sample:
    """Order items by (cluster, value); without clusters each item is its own.

    Raises:
        ValueError: No values, unequal lengths, or a value that is not finite.
    """
    v = np.asarray(values, dtype=np.float64)
    if v.ndim != 1 or len(v) == 0:
        raise ValueError(f"values must be (n,) with n >= 1, not {v.shape}")
    if not np.isfinite(v).all():
        raise ValueError("values must be finite")
    if clusters is None:
        return Sample(np.sort(v), np.arange(len(v)), len(v))
    if len(clusters) != len(v):
        raise ValueError(f"{len(v)} values but {len(clusters)} clusters")
    labels, cluster = np.unique(np.asarray(clusters), return_inverse=True)
    order = np.lexsort((v, cluster))
    return Sample(v[order], cluster[order].astype(np.intp), len(labels))


def mean_interval(
    values: ArrayLike,
    clusters: Sequence[str] | Sequence[int] | None = None,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the mean over items with its interval; see `statistic_interval`."""
    return statistic_interval(values, clusters, "mean", level=level, resamples=resamples, seed=seed)


def statistic_interval(
    values: ArrayLike,
    clusters: Sequence[str] | Sequence[int] | None = None,
    statistic: Statistic = "mean",
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return a statistic over items with a studentised bootstrap interval over clusters.

    Clusters are drawn with replacement, and each resample's error is divided by its own standard
    error, which for the mean is the cluster-robust (linearised) error of a ratio. A median has no
    such error (the cluster jackknife is inconsistent, a density estimate needs a bandwidth), so
    for medians the share of items below the sample's median is studentised in the same way, and
    the limits of that share are read off the sample's quantiles (Woodruff's inversion).

    Args:
        values: One value per item, `(n,)`, finite.
        clusters: One label per item (the prompt), or None where each item is its own cluster.
        statistic: `mean`, `median`, or `median_absolute` (the median of |value|).
        level: Coverage of the interval, in (0, 1).
        resamples: Number of bootstrap resamples.
        seed: Seed of the resamples.

    Returns:
        The estimate and its interval, the same for any order of the items. With fewer than 8
        clusters the limits are None and the method is `too_few`; where all values are equal the
        interval has no width.

    Raises:
        ValueError: No values, unequal lengths, or a value that is not finite.

    Source:
        Efron, Canad. J. Statist. 9 (1981), 139-158 (bootstrap t); Woodruff, JASA 47 (1952),
        635-646 (limits of a quantile).
    """
    v = np.asarray(values, dtype=np.float64)
    sample = canonical(np.abs(v) if statistic == "median_absolute" else v, clusters)
    value = float(np.mean(sample.values) if statistic == "mean" else np.median(sample.values))
    value = min(max(value, float(sample.values.min())), float(sample.values.max()))  # rounding
    if sample.clusters < FEWEST_CLUSTERS:
        return Interval(value, None, None, "too_few")
    draws = np.random.default_rng(seed).multinomial(
        sample.clusters, np.full(sample.clusters, 1.0 / sample.clusters), size=resamples
    )
    limits = _mean_limits if statistic == "mean" else _median_limits
    low, high = limits(sample, draws.astype(np.float64), level)
    # A skewed draw of t may leave the estimate outside its own interval; nobody could read that.
    return Interval(value, min(low, value), max(high, value), f"boot-t{resamples}")


def _mean_limits(sample: Sample, draws: Floats, level: float) -> tuple[float, float]:
    """Return the limits of the mean; `draws (resamples, clusters)` counts each cluster."""
    if sample.values.min() == sample.values.max():
        return float(sample.values[0]), float(sample.values[0])
    sums = _per_cluster(sample, sample.values)
    sizes = _per_cluster(sample, np.ones(len(sample.values)))
    value, error = _ratio(sums, sizes, np.ones((1, sample.clusters)))
    low, high = _t_limits(*_ratio(sums, sizes, draws), float(value[0]), float(error[0]), level)
    return low, high


def _median_limits(sample: Sample, draws: Floats, level: float) -> tuple[float, float]:
    """Return the limits of the median, from those of the share of items below it."""
    median = np.median(sample.values)
    below = (sample.values < median) + 0.5 * (sample.values == median)
    sums = _per_cluster(sample, below)
    sizes = _per_cluster(sample, np.ones(len(sample.values)))
    share, error = _ratio(sums, sizes, np.ones((1, sample.clusters)))
    low, high = _t_limits(*_ratio(sums, sizes, draws), float(share[0]), float(error[0]), level)
    # With ties the share below the median is not one half, but the median's limits are.
    shares = np.clip(np.array([low, high]) - share[0] + 0.5, 0.0, 1.0)
    limits = np.quantile(sample.values, shares, method="hazen")
    return float(limits[0]), float(limits[1])


def _per_cluster(sample: Sample, item: Floats) -> Floats:
    return np.bincount(sample.cluster, item, sample.clusters).astype(np.float64)


def _ratio(sums: Floats, sizes: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return per row of cluster weights the mean over items and its cluster-robust error."""
    total = (weight * sizes).sum(1)
    mean = (weight * sums).sum(1) / total
    score = sums - mean[:, None] * sizes
    drawn = weight.sum(1)
    variance = drawn / (drawn - 1) * (weight * score * score).sum(1)
    return mean, np.sqrt(variance) / total


def _t_limits(
    drawn: Floats, errors: Floats, value: float, error: float, level: float
) -> tuple[float, float]:
    if error == 0.0:
        return value, value
    t = (drawn - value) / np.maximum(errors, _SMALLEST_ERROR * error)
    low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
    return value - float(high) * error, value - float(low) * error
