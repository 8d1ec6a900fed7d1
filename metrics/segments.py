"""Turn per-frame quantities into a series over segments of fixed length, and series into drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.results.schema import ItemScore, Series

MINIMUM_SEGMENTS = 10
"""Drift needs this many (design: drift, defined)."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A series: centre in seconds and value of every segment that holds a frame."""

    t: NDArray[np.float64]
    y: NDArray[np.float64]

    def series(self) -> Series:
        """Return the series as a record."""
        return Series(t=self.t.tolist(), y=self.y.tolist())


def segment_index(t: ArrayLike, seconds: float) -> NDArray[np.int64]:
    """Return the segment of each time; a time on a boundary belongs to the later segment."""
    # The tolerance keeps times such as 0.49999999 (30000/1001 fps) in the segment they mean.
    return np.floor(np.asarray(t, np.float64) / seconds + 1e-6).astype(np.int64)


def per_segment(t: ArrayLike, y: ArrayLike, seconds: float, *, statistic: str = "mean") -> Segments:
    """Return the mean (or median) of `y` within each segment.

    Args:
        t: Seconds, `(n,)`.
        y: Values, `(n,)`.
        seconds: Length of a segment.
        statistic: `mean` or `median`.

    A last segment with less than half the frames of the median segment is dropped: it would
    weigh like a full one.
    """
    values = np.asarray(y, np.float64)
    index = segment_index(t, seconds)
    if not len(index):
        return Segments(np.empty(0), np.empty(0))
    ids, starts, counts = np.unique(index, return_index=True, return_counts=True)
    if len(ids) > 1 and counts[-1] < 0.5 * np.median(counts[:-1]):
        ids, starts, counts = ids[:-1], starts[:-1], counts[:-1]
    reduce = np.median if statistic == "median" else np.mean
    y_out = [float(reduce(values[s : s + n])) for s, n in zip(starts, counts, strict=True)]
    return Segments((ids + 0.5) * seconds, np.asarray(y_out))


def drift_components(segments: Segments, prefix: str = "") -> dict[str, float]:
    """Return `end_level`, `slope_per_minute` and, where there is one, `onset` of a series."""
    from lvbench.stats.drift import drift

    found = drift(segments.t, segments.y)
    parts = {
        f"{prefix}end_level": found.end_level,
        f"{prefix}slope_per_minute": found.slope_per_minute,
    }
    if found.onset is not None:
        parts[f"{prefix}onset"] = found.onset
    return parts


def too_short(segments: int, seconds: float) -> ItemScore:
    """Return the score of a video with too few segments for drift."""
    return ItemScore(
        status="not_applicable",
        code="too_short",
        detail=f"{segments} segments of {seconds:g} s, drift needs {MINIMUM_SEGMENTS}",
    )


def join(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Concatenate collected blocks; none gives an empty array."""
    return np.concatenate(parts) if parts else np.empty(0)
