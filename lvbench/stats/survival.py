"""Times that may be censored, over videos: the Kaplan-Meier median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS
from lvbench.stats.order_statistics import METHOD, effective_share, lower_share

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SurvivalMedian:
    """Hold a median survival time and its interval.

    Attributes:
        value: Seconds, None where the median is not reached.
        low: Lower limit, None where no interval is given or it is not reached.
        high: Upper limit, None where no interval is given or it is not reached.
        method: `order-statistics`, or `too_few` clusters.
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
) -> SurvivalMedian:
    """Return the first time at which the Kaplan-Meier curve is at or below one half.

    Its limits are the times at which the share of events passes that of the ranks around a
    median. A censored or clustered item counts as a fraction, by the variance of the curve;
    without either, the limits are those of the plain median.

    Args:
        times: Seconds until the event or until the end of the observation, `(n,)`, >= 0.
        observed: True where the event was seen, False where the video ended before, `(n,)`.
        clusters: One label per item (the prompt), or None where each item is its own cluster.
        level: Coverage of the interval.

    Returns:
        The median and its interval, the same for any order of the items.

    Raises:
        ValueError: No items, unequal lengths, or a time that is negative or not finite.

    Source:
        Kaplan, Meier, JASA 53 (1958), 457-481; Dorey, Korn, Statist. Med. 6 (1987), 679-687
        (effective size under censoring); `order_statistics` (limits).

    Examples:
        Eight videos, the last two without the event when they ended:

        >>> from lvbench.stats import kaplan_meier_median
        >>> times = [2.0, 3.0, 5.0, 6.0, 7.0, 9.0, 10.0, 10.0]
        >>> found = kaplan_meier_median(times, [True] * 6 + [False] * 2)
        >>> found.value, found.method
        (6.0, 'order-statistics')
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
    curve = _curve(t[order], seen[order])
    value = curve.median()
    if groups < FEWEST_CLUSTERS:
        return SurvivalMedian(value, None, None, "too_few")
    low, high = _limits(curve, cluster, groups, level)
    if value is not None:  # a limit may fall between two events, the median is one of them
        low = value if low is None else min(low, value)
        high = None if high is None else max(high, value)
    return SurvivalMedian(value, low, high, METHOD)


@dataclass(frozen=True, slots=True)
class _Curve:
    """Hold the Kaplan-Meier curve after each item, sorted by time, events before censorings.

    Events that share a time take one factor each; their product telescopes to the usual one.

    Attributes:
        t: Time of each item, `(n,)`.
        seen: True where it is an event.
        at_risk: Items that are left just before it.
        survival: Value of the curve after it.
    """

    t: Floats
    seen: NDArray[np.bool_]
    at_risk: Floats
    survival: Floats

    def median(self) -> float | None:
        """Return the first time at which the curve is at or below one half."""
        low = self.survival <= 0.5 + 1e-12
        return float(self.t[low.argmax()]) if low.any() else None

    def influence(self, last: int) -> Floats:
        """Return the influence of each item on the curve after item `last`, up to a factor, `(n,)`.

        Their sum is 0. Without censoring it is the same for all items before, and for all after.
        """
        counts = self.seen & (np.arange(len(self.t)) <= last)
        event = np.where(counts, 1.0 / np.maximum(self.at_risk - 1.0, 1.0), 0.0)
        return np.asarray(np.cumsum(event / self.at_risk) - event)


def _curve(t: Floats, seen: NDArray[np.bool_]) -> _Curve:
    at_risk = np.arange(len(t), 0, -1, dtype=np.float64)
    survival: Floats = np.cumprod(np.where(seen, 1.0 - 1.0 / at_risk, 1.0)).astype(np.float64)
    return _Curve(t, seen, at_risk, survival)


def _limits(
    curve: _Curve, cluster: NDArray[np.intp], groups: int, level: float
) -> tuple[float | None, float | None]:
    events = np.flatnonzero(curve.seen)
    if len(events) == 0:
        return None, None
    low = np.flatnonzero(curve.survival <= 0.5 + 1e-12)
    middle = int(low[0]) if len(low) else int(events[-1])
    worth = effective_share(curve.influence(middle), cluster, groups, level)
    size = _independent_size(curve)[events]
    passed = (1.0 - curve.survival[events]) * size / (size + 1.0)
    share = lower_share(size * worth, level)
    t = curve.t[events]
    return _crossing(t, passed - share), _crossing(t, passed - (1.0 - share))


def _independent_size(curve: _Curve) -> Floats:
    """Return per item the number of uncensored items that give the curve the same certainty.

    From Greenwood's variance; `n` wherever nothing was censored before.
    """
    n, left = len(curve.t), curve.at_risk - 1.0
    factor = curve.at_risk * left
    rate = np.divide(1.0, factor, out=np.zeros(n), where=curve.seen & (left > 0))
    certain = curve.survival * np.cumsum(rate)
    size = np.divide(1.0 - curve.survival, certain, out=np.full(n, np.nan), where=certain > 0)
    if curve.seen[-1]:  # no item is left, and the variance is undefined
        size[-1] = size[-2] if n > 1 and certain[-2] > 0 else 1.0
    return np.asarray(size)


def _crossing(t: Floats, above: Floats) -> float | None:
    """Return where `above`, linear between the times, first reaches 0; None where it never does."""
    reached = np.flatnonzero(above >= 0.0)
    if len(reached) == 0:
        return None
    k = int(reached[0])
    if k == 0:
        return float(t[0])
    return float(t[k - 1] + (t[k] - t[k - 1]) * above[k - 1] / (above[k - 1] - above[k]))
