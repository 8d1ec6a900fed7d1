"""Cut videos of windows into spans of time that differ in time alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# A video that ends before the others is left out, or later spans would have fewer.
_REACHED_BY = 0.9


@dataclass(frozen=True, slots=True)
class TimeSpans:
    """Hold the windows of equal spans of time.

    Attributes:
        edges: Seconds, `(k + 1,)`.
        windows: Indices of the windows of each span, `(k, videos * per_video)`, videos in the
            same order in every span.
        videos: Videos that reach through all spans.
        left_out: Videos that end before.
    """

    edges: Floats
    windows: Labels
    videos: int
    left_out: int

    @property
    def centres(self) -> Floats:
        """Return the middle of each span in seconds, `(k,)`."""
        return (self.edges[1:] + self.edges[:-1]) / 2


def equal_spans(t: Floats, video: Labels, most: int, fewest: int) -> TimeSpans | None:
    """Return the most equal spans in which each video has the same number of windows.

    Spans cover the time that nine tenths of the videos reach. All spans hold the same videos and
    the same number of windows, since a distance between sets depends on their size.

    Args:
        t: Seconds of each window's middle, `(n,)`, ascending within a video.
        video: The video of each window, numbered from 0, `(n,)`.
        most: Most spans.
        fewest: Fewest spans.

    Returns:
        The spans; None where the videos are too short for `fewest` of them.
    """
    count = int(video.max()) + 1
    ends = np.full(count, -np.inf)
    np.maximum.at(ends, video, t)
    end = float(np.sort(ends)[int((1 - _REACHED_BY) * count + 1e-9)])
    reached = ends >= end
    steps = np.diff(t)[(video[1:] == video[:-1]) & reached[video[1:]]]
    if not len(steps):
        return None
    half = float(np.median(steps)) / 2
    begin = float(t.min()) - half
    for k in range(most, fewest - 1, -1):
        edges = np.linspace(begin, end + half, k + 1)
        span = np.floor((t - begin) / (end + half - begin) * k).astype(np.intp)
        windows = _alike(span, k, video, reached)
        if windows is not None:
            left_out = count - int(reached.sum())
            return TimeSpans(edges, windows, count - left_out, left_out)
    return None


def _alike(span: Labels, k: int, video: Labels, reached: NDArray[np.bool_]) -> Labels | None:
    """Return the first windows of each video in each of `k` spans, as many as all have."""
    inside = np.flatnonzero(reached[video] & (span < k))
    group = span[inside] * len(reached) + video[inside]
    order = np.argsort(group, kind="stable")
    group = group[order]
    counts = np.bincount(group, minlength=k * len(reached)).reshape(k, -1)[:, reached]
    each = int(counts.min())
    if not each:
        return None
    rank = np.arange(len(group)) - np.searchsorted(group, group)
    return np.asarray(inside[order[rank < each]].reshape(k, -1))
