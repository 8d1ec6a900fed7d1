"""Times that may be censored, over videos: Kaplan-Meier median and share without the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SurvivalMedian:
    """Hold a median survival time and its interval.

    Attributes:
        value: Seconds, None where the median is not reached.
        low: Lower limit, None where no interval is given or it is not reached.
        high: Upper limit, None where no interval is given or it is not reached.
        method: `boot-p1000`, or `too_few` clusters.
    """

    value: float | None
    low: float | None
    high: float | None
    method: str


def kaplan_meier_median(
    times: ArrayLike,
    observed: ArrayLike,
    *,
    clusters: Sequence[str] | Sequence[int] | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> SurvivalMedian:
    """Return the first time at which the Kaplan-Meier curve is at or below one half.

    The interval is the percentile bootstrap over clusters, in which a median that is not reached
    counts as longer than any other.

    Args:
        times: Seconds until the event or until the end of the observation, `(n,)`, >= 0.
        observed: True where the event was seen, False where the video ended before, `(n,)`.
        clusters: One label per item (the prompt), or None where each item is its own cluster.
        level: Coverage of the interval.
        resamples: Number of bootstrap resamples.
        seed: Seed of the resamples.

    Returns:
        The median and its interval, the same for any order of the items.

    Raises:
        ValueError: No items, unequal lengths, or a time that is negative or not finite.

    Source:
        Kaplan and Meier, JASA 53 (1958), 457-481; Efron, JASA 76 (1981), 312-319 (bootstrap).
    """
    t, seen = np.asarray(times, dtype=np.float64), np.asarray(observed, dtype=bool)
    if t.ndim != 1 or len(t) == 0 or t.shape != seen.shape:
        raise ValueError(f"times and observed must both be (n,), not {t.shape} and {seen.shape}")
    if not np.isfinite(t).all() or (t < 0).any():
        raise ValueError("times must be finite and not negative")
    labels = np.arange(len(t)) if clusters is None else np.asarray(clusters)
    if len(labels) != len(t):
        raise ValueError(f"{len(t)} times but {len(labels)} clusters")
    if clusters is None:  # equal items are interchangeable, so any fixed order will do
        order = np.lexsort((~seen, t))
        cluster, groups = np.arange(len(t)), len(t)
    else:
        names, inverse = np.unique(labels, return_inverse=True)
        order = np.lexsort((inverse, ~seen, t))
        cluster, groups = inverse[order], len(names)
    t, seen = t[order], seen[order]
    value = _medians(t, seen, np.ones((1, len(t))))[0]
    if groups < FEWEST_CLUSTERS:
        return SurvivalMedian(_finite(value), None, None, "too_few")
    draws = np.random.default_rng(seed).multinomial(
        groups, np.full(groups, 1.0 / groups), size=resamples
    )
    medians = np.sort(_medians(t, seen, draws[:, cluster].astype(np.float64)))
    tail = int((1 - level) / 2 * resamples)
    return SurvivalMedian(
        _finite(value),
        _finite(medians[tail]),
        _finite(medians[resamples - 1 - tail]),
        f"boot-p{resamples}",
    )


def share_without(observed: ArrayLike) -> float:
    """Return the share of items without the event, in [0, 1].

    Raises:
        ValueError: No items.
    """
    seen = np.asarray(observed, dtype=bool)
    if seen.size == 0:
        raise ValueError("observed must hold at least one item")
    return float(1.0 - seen.mean())


def _finite(seconds: float) -> float | None:
    return float(seconds) if np.isfinite(seconds) else None


def _medians(t: Floats, seen: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return per row of item weights the median, inf where it is not reached.

    Items are sorted by time, events before censorings of the same time. Events that share a time
    take one factor each; their product telescopes to the usual one.
    """
    at_risk = np.cumsum(weight[:, ::-1], 1)[:, ::-1]
    leaving = np.where(seen, weight, 0.0)
    factor = 1.0 - np.divide(leaving, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
    low = np.cumprod(factor, 1) <= 0.5 + 1e-12
    result: Floats = np.where(low.any(1), t[low.argmax(1)], np.inf)
    return result
