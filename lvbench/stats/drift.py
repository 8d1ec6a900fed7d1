"""Drift of one series over one video: end level, slope, onset, half-life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]

_FEWEST_SEGMENTS = 10
_MOST_EXACT = 2000  # points of the exact Theil-Sen slope: two million pairs
_END_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Drift:
    """Describe the drift of one series.

    Attributes:
        end_level: Median over the last 10 % of time minus median over the first 10 %, in the
            unit of the series.
        slope_per_minute: Theil-Sen slope, in units per minute.
        onset: Seconds at which the series breaks, or None where no break is significant.
        half_life: Seconds after which the series stays below half way between its first segment
            and the baseline; None without a baseline, where censored, and where the first segment
            is not above the baseline.
        n: Number of segments.
    """

    end_level: float
    slope_per_minute: float
    onset: float | None
    half_life: float | None
    n: int


def drift(
    t: ArrayLike,
    y: ArrayLike,
    *,
    seed: int = 0,
    baseline: float | None = None,
    level: float = 0.05,
) -> Drift:
    """Estimate the drift of a series over a video's segments.

    Args:
        t: Segment centres in seconds, `(n,)`, strictly increasing.
        y: One value per segment, `(n,)`.
        seed: Seed of the null series of the onset's test.
        baseline: The value that unrelated real videos have (a similarity's floor), for the
            half-life.
        level: Significance level of the onset.

    Returns:
        End level, slope, onset and half-life; equal input gives equal output.

    Raises:
        ValueError: Fewer than 10 segments, unequal lengths, a value that is not finite, or times
            that do not increase.

    Source:
        Definitions: docs/statistics.md. Slope: Sen, JASA 63 (1968), 1379-1389.

    Examples:
        Forty segments of half a second; the series falls by 1 at 10 seconds:

        >>> import numpy as np
        >>> from lvbench.stats import drift
        >>> t = 0.25 + 0.5 * np.arange(40)
        >>> y = 0.01 * np.sin(7 * t) - (t > 10)
        >>> found = drift(t, y)
        >>> round(found.end_level, 2), found.onset, found.half_life
        (-1.0, 10.0, None)
    """
    times, values = _checked(t, y)
    found = None
    if np.ptp(values) > 1e-12 * np.abs(values).max():
        found = find_onset(times, values, seed=seed)
    significant = found is not None and found.p_value <= level
    return Drift(
        end_level=end_level(times, values),
        slope_per_minute=60.0 * _theil_sen(times, values),
        onset=found.time if found and significant else None,
        half_life=None if baseline is None else half_life(times, values, baseline),
        n=len(times),
    )


def half_life(t: ArrayLike, y: ArrayLike, baseline: float) -> float | None:
    """Return the first time after which a similarity stays below half way to its baseline.

    Half way is `(y[0] + baseline) / 2`. A series that dips and recovers has not lost it.

    Args:
        t: Segment centres in seconds, `(n,)`, increasing.
        y: Similarity of each segment, `(n,)`.
        baseline: The similarity of unrelated real videos.

    Returns:
        The centre of the first segment of the last stretch below; None where the series ends
        above (the half-life is censored) and where its first value is not above the baseline
        (there is nothing to lose).

    Raises:
        ValueError: No segments, or unequal lengths.

    Examples:
        >>> from lvbench.stats import half_life
        >>> half_life([0.5, 1.5, 2.5, 3.5], [1.0, 0.9, 0.6, 0.5], baseline=0.4)
        2.5
    """
    times, values = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if times.ndim != 1 or times.shape != values.shape or not len(times):
        raise ValueError(f"t and y must both be (n,), n > 0, not {times.shape} and {values.shape}")
    if values[0] <= baseline:
        return None
    last_above = int(np.flatnonzero(values >= (values[0] + baseline) / 2)[-1])
    return None if last_above == len(values) - 1 else float(times[last_above + 1])


def _checked(t: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    times, values = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if times.ndim != 1 or times.shape != values.shape:
        raise ValueError(f"t and y must both be (n,), not {times.shape} and {values.shape}")
    if len(times) < _FEWEST_SEGMENTS:
        raise ValueError(f"drift needs at least {_FEWEST_SEGMENTS} segments, not {len(times)}")
    if not (np.isfinite(times).all() and np.isfinite(values).all()):
        raise ValueError("t and y must be finite")
    if (np.diff(times) <= 0).any():
        raise ValueError("t must be strictly increasing")
    return times, values


def end_level(t: Floats, y: Floats) -> float:
    """Compare the two ends; time extends half a segment past the outer centres."""
    half = float(np.median(np.diff(t))) / 2
    start, end = t[0] - half, t[-1] + half
    reach = (end - start) * (_END_SHARE + 1e-9)  # a centre on the border counts, rounding or not
    first, last = t <= start + reach, t >= end - reach
    first[0] = last[-1] = True
    return float(np.median(y[last]) - np.median(y[first]))


def _theil_sen(t: Floats, y: Floats) -> float:
    """Return the median slope of all pairs; beyond 2000 points, of pairs of block medians."""
    width = -(-len(t) // _MOST_EXACT)
    if width > 1:
        edges = range(0, len(t), width)
        t = np.array([t[i : i + width].mean() for i in edges])
        y = np.array([np.median(y[i : i + width]) for i in edges])
    # A row of pairs at a time, and the median in place: of 2000 points there are two million pairs.
    slopes = np.empty(len(t) * (len(t) - 1) // 2)
    filled = 0
    for first in range(len(t) - 1):
        later = slice(first + 1, None)
        end = filled + len(t) - 1 - first
        slopes[filled:end] = (y[later] - y[first]) / (t[later] - t[first])
        filled = end
    return float(np.median(slopes, overwrite_input=True))
