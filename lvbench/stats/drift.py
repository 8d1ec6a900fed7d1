"""Drift of one series over one video: the entire clip, end level, slope, onset, half-life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]

_FEWEST_SEGMENTS = 10
_MOST_EXACT = 1000  # points of the exact Theil-Sen slope: half a million pairs
_END_SHARE = 0.1
# A fault in the middle has two edges of one or two changes each: of 20 changes or more they lie
# above the upper quartile and cannot raise their own allowance. In white noise a change of one and
# a half times the quartile is no rarity, but one that lasts is.
_JUMP = 1.5
_LASTS = 3  # windows
_SMOOTH = 2  # windows on each side of the gradual part's running median
_PACE = 5  # changes on each side of the running median of what a followed quantity does by itself


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
        worst: Change over the entire clip (`entire_change`), in the unit of the series, >= 0.
        n: Number of segments.
    """

    end_level: float
    slope_per_minute: float
    onset: float | None
    half_life: float | None
    worst: float
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
        worst=entire_change(values),
        n=len(times),
    )


def entire_change(
    y: ArrayLike,
    followed: ArrayLike | None = None,
    *,
    spared: float | None = None,
    least: float = 0.0,
) -> float:
    """Return how much a series changes over the entire clip, wherever it changes.

    A change between neighbours lasts as far as the means of the three windows after and before it
    differ in the same direction. Where that much of it is beyond 1.5 times the upper quartile of
    all changes it is a jump: from there to three times a growing share of it, then all. The rest
    is the gradual part. The result is the range of the gradual part, after a running median of
    five (shorter at the ends), plus the larger of the summed rises and the summed falls of the
    jumps.

    On a series that is constant otherwise, a change of size s counts s as a ramp, as a step near
    the end, as a blip, and as a return after most of the clip. On a series that drifts by itself a
    jump beyond three times the quartile adds its size, whatever its place and direction.

    Args:
        y: One value per window, `(n,)`, windows of equal length, n > 0.
        followed: The same quantity, followed from window to window by what both display, `(n,)`:
            the jumps are those of this series, less the running median of its changes over eleven,
            which is its own pace. Its sum over a clip drifts off, but what enters the picture
            hardly moves it. None for `y` itself.
        spared: Of each change that lasts, count as a jump what is beyond this multiple of the
            upper quartile. A small difference of the series moves that by about as much,
            and a growing share of the change by up to three times as much; but a jump counts less
            the more the series moves. None for the share.
        least: With `spared`: no less than this, in the unit of `y`, is left out of a jump. On a
            calm series a fault would else raise its own allowance.

    Returns:
        A size in the unit of `y`, >= 0.

    Raises:
        ValueError: No values, one that is not finite, or two lengths.

    Examples:
        >>> import numpy as np
        >>> from lvbench.stats.drift import entire_change
        >>> n = np.arange(80)
        >>> late, middle, early = n > 67, (n > 9) & (n < 70), (n > 3) & (n < 6)
        >>> [float(entire_change(2.0 * faulty)) for faulty in (late, middle, early)]
        [2.0, 2.0, 2.0]
    """
    values = np.asarray(y, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"y must be (n,), n > 0, and finite, not {values.shape}")
    near = values if followed is None else np.asarray(followed, dtype=np.float64)
    if near.shape != values.shape or not np.isfinite(near).all():
        raise ValueError(f"followed must be {values.shape} and finite, not {near.shape}")
    if len(values) < 2:
        return 0.0
    change = np.diff(near)
    if followed is not None:
        change = change - _pace(change)
        near = np.append(0.0, np.cumsum(change))
    jumps = _jumps(_lasting(near, change), change, spared, least)
    gradual = _smoothed(np.append(0.0, np.cumsum(np.diff(values) - jumps)))
    rises, falls = jumps[jumps > 0].sum(), -jumps[jumps < 0].sum()
    return float(np.ptp(gradual) + max(rises, falls))


def outside(y: ArrayLike, tolerance: float) -> float:
    """Return the share of a series further than a tolerance from the median of its first tenth.

    Args:
        y: One value per window, `(n,)`, windows of equal length, n > 0.
        tolerance: Size of a change that is just noticed, in the unit of `y`.
    """
    values = np.asarray(y, dtype=np.float64)
    start = np.median(values[: max(1, round(_END_SHARE * len(values)))])
    return float(np.mean(np.abs(values - start) > tolerance))


def _jumps(size: Floats, change: Floats, spared: float | None, least: float) -> Floats:
    """Return what of each change between neighbours counts as a jump."""
    usual = float(np.quantile(np.abs(change), 0.75))
    if spared is None:
        allowed = _JUMP * usual
        share = np.clip(size / allowed - 1, 0, 1) if allowed > 0 else np.ones_like(size)
        return np.asarray(share * change)
    return np.asarray(np.sign(change) * np.maximum(0.0, size - max(spared * usual, least)))


def _pace(change: Floats) -> Floats:
    """Return the running median of the changes; next to an end that of the outermost window."""
    width = min(2 * _PACE + 1, len(change))
    medians = np.median(sliding_window_view(change, width), axis=-1)
    places = np.clip(np.arange(len(change)) - width // 2, 0, len(medians) - 1)
    return np.asarray(medians[places])


def _lasting(y: Floats, change: Floats) -> Floats:
    """Return the size of each change between neighbours, as far as it lasts; 0 where it turns."""
    means = sliding_window_view(np.pad(y, _LASTS - 1, "edge"), _LASTS).mean(-1)
    later = means[_LASTS:] - means[:-_LASTS]
    return np.where(later * change > 0, np.minimum(np.abs(later), np.abs(change)), 0.0)


def _smoothed(y: Floats) -> Floats:
    """Return the running median; its window shrinks towards the ends, so that a line stays."""
    result = y.copy()
    for reach in range(1, _SMOOTH + 1):
        if len(y) > 2 * reach:
            windows = sliding_window_view(y, 2 * reach + 1)
            result[reach : len(y) - reach] = np.median(windows, axis=-1)
    return result


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
    """Return the median slope of all pairs; beyond 1000 points, of pairs of block medians."""
    width = -(-len(t) // _MOST_EXACT)
    if width > 1:
        edges = range(0, len(t), width)
        t = np.array([t[i : i + width].mean() for i in edges])
        y = np.array([np.median(y[i : i + width]) for i in edges])
    # A row of pairs at a time, and the median in place: half a million pairs of 1000 points.
    slopes = np.empty(len(t) * (len(t) - 1) // 2)
    filled = 0
    for first in range(len(t) - 1):
        later = slice(first + 1, None)
        end = filled + len(t) - 1 - first
        slopes[filled:end] = (y[later] - y[first]) / (t[later] - t[first])
        filled = end
    return float(np.median(slopes, overwrite_input=True))
