"""The slope of one quantity of videos on another, with an interval over clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval

Floats = NDArray[np.float64]
# As for means: a resample on one line must not make the limits infinite.
_SMALLEST_ERROR = 0.25


def slope_interval(
    x: ArrayLike,
    y: ArrayLike,
    clusters: Sequence[str] | Sequence[int],
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the least-squares slope of `y` on `x` with a studentised bootstrap interval.

    Clusters are drawn with replacement; each resample's slope is divided by its own
    cluster-robust (linearised) error.

    Args:
        x: `(n,)`, finite, not all equal.
        y: `(n,)`, finite.
        clusters: One label per item (the prompt).
        level: Coverage of the interval.
        resamples: Number of bootstrap resamples.
        seed: Seed of the resamples.

    Returns:
        The slope; with fewer than 8 clusters the limits are None and the method is `too_few`.

    Raises:
        ValueError: Unequal lengths, a number that is not finite, or one `x` only.
    """
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if a.ndim != 1 or not a.shape == b.shape == (len(clusters),):
        raise ValueError(f"x, y and clusters must be (n,), not {a.shape}, {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("x and y must be finite")
    if len(np.unique(a)) < 2:
        raise ValueError("a slope needs two different x")
    labels, cluster = np.unique(np.asarray(clusters), return_inverse=True)
    order = np.lexsort((b, a, cluster))
    a, b, cluster = a[order], b[order], cluster[order]
    a, b = a - a.mean(), b - b.mean()
    parts = [np.ones(len(a)), a, b, a * a, a * b]
    bins = [np.bincount(cluster, part, len(labels)) for part in parts]
    sums: Floats = np.stack(bins).astype(np.float64)
    value, error = (float(found[0]) for found in _slope(sums, np.ones((1, len(labels)))))
    if len(labels) < FEWEST_CLUSTERS:
        return Interval(value, None, None, "too_few")
    share = np.full(len(labels), 1.0 / len(labels))
    draws = np.random.default_rng(seed).multinomial(len(labels), share, size=resamples)
    drawn, errors = _slope(sums, draws.astype(np.float64))
    if error == 0.0:
        return Interval(value, value, value, f"boot-t{resamples}")
    t = (drawn - value) / np.maximum(errors, _SMALLEST_ERROR * error)
    low, high = np.nanquantile(t, [(1 - level) / 2, (1 + level) / 2])
    limits = value - float(high) * error, value - float(low) * error
    return Interval(value, min(limits[0], value), max(limits[1], value), f"boot-t{resamples}")


def _slope(sums: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return per row of cluster weights the slope and its error; NaN where all `x` are equal."""
    n, x, y, xx, xy = (weight @ part for part in sums)
    mean_x, mean_y = x / n, y / n
    spread = xx - n * mean_x**2
    spread = np.where(spread > 1e-12 * np.maximum(xx, 1e-300), spread, np.nan)
    slope = (xy - n * mean_x * mean_y) / spread
    own_n, own_x, own_y, own_xx, own_xy = sums[:, None, :]
    mx, my, k = mean_x[:, None], mean_y[:, None], slope[:, None]
    along = own_xx - 2 * mx * own_x + own_n * mx**2
    score = own_xy - mx * own_y - my * own_x + own_n * mx * my - k * along
    drawn = weight.sum(1)
    variance = drawn / (drawn - 1) * (weight * score * score).sum(1)
    return slope, np.sqrt(variance) / spread
