"""Offset of sound against motion in sliding windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOP = 0.01
"""Seconds between the samples of the series that are aligned."""
# One outburst (a cut that was not found, a bang) must not be all that a window consists of.
_MOST = 4.0
_BASELINE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Offset:
    """Hold the offset of one window: its middle and the offset in seconds, and how sure it is."""

    t: float
    offset: float
    correlation: float
    z: float


@dataclass(frozen=True, slots=True)
class Search:
    """Say how windows are searched.

    Attributes:
        window: Length of a window in seconds; a shorter video is one window.
        step: Seconds from one window to the next.
        reach: Largest offset in seconds, either way, from where the windows before left it.
        steepest: Largest growth of the offset within a window, seconds per second.
        least_z: Least height of the peak over those of shuffled motion, in standard deviations.
        most_rival: Largest other peak, as a share of the best.
        seed: Seed of the shuffles.
    """

    window: float
    step: float
    reach: float
    steepest: float
    least_z: float
    most_rival: float
    seed: int


def standardised(strengths: list[Floats]) -> Floats:
    """Return the sum of onset strengths, each in standard deviations and cut at 4."""
    total = np.zeros_like(strengths[0])
    for strength in strengths:
        spread = float(strength.std())
        if spread > 0:
            total += np.minimum(strength / spread, _MOST)
    return total


def on_grid(t: Floats, strength: Floats, seconds: float) -> Floats:
    """Return a series every 10 ms from 0 to `seconds`, without what changes slower than 1 s."""
    grid = np.arange(0.0, seconds, HOP)
    series = np.interp(grid, t, strength, left=0.0, right=0.0)
    width = min(round(_BASELINE_SECONDS / HOP), len(series))
    box = np.ones(width)
    # Fewer samples lie under the box at the ends.
    under = np.convolve(np.ones_like(series), box, "same")
    return np.asarray(series - np.convolve(series, box, "same") / under)


def confident_offsets(motion: Floats, audio: Floats, search: Search) -> tuple[list[Offset], int]:
    """Return the offsets of the windows whose peak stands out, and how many windows there are.

    Args:
        motion: Onset strength of the picture, every 10 ms.
        audio: Of the sound, on the same grid and as long.
        search: How to search.
    """
    from lvbench.stats.lag import find_lag

    length = min(round(search.window / HOP), len(motion))
    reach = round(search.reach / HOP)
    slopes = np.linspace(-search.steepest, search.steepest, 13)
    found: list[Offset] = []
    starts = range(0, len(motion) - length + 1, round(search.step / HOP))
    for k, start in enumerate(starts):
        expected = round(found[-1].offset / HOP) if found else 0
        lag = find_lag(
            motion[start : start + length],
            _cut(audio, start + expected - reach, length + 2 * reach),
            slopes=slopes,
            seed=search.seed + k,
        )
        if lag is None or not lag.inside:
            continue
        if lag.z >= search.least_z and lag.rival <= search.most_rival:
            offset = (lag.lag + expected) * HOP
            found.append(Offset((start + length / 2) * HOP, offset, lag.correlation, lag.z))
    return found, len(starts)


def _cut(series: Floats, start: int, length: int) -> Floats:
    """Return `series[start : start + length]` with zeros where there is none."""
    cut = np.zeros(length)
    low, high = max(start, 0), min(start + length, len(series))
    if high > low:
        cut[low - start : high - start] = series[low:high]
    return cut
