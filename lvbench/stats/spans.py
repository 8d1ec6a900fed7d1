"""Cut videos of windows into spans of time that are alike in all but time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# A video that ends before the others is left out rather than let later spans have fewer.
_REACHED_BY = 0.9


@dataclass(frozen=True, slots=True)
class Spans:
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


def equal_spans(t: Floats, video: Labels, most: int, fewest: int) -> Spans | None:
    """Return as many equal spans as give each video the same number of windows in each.

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
    ends = np.array([t[video == i].max() for i in range(count)])
    end = float(np.sort(ends)[int((1 - _REACHED_BY) * count + 1e-9)])
    kept = np.flatnonzero(ends >= end)
    steps = np.concatenate([np.diff(t[video == i]) for i in kept])
    if not len(steps):
        return None
    half = float(np.median(steps)) / 2
    begin = float(t.min()) - half
    for k in range(most, fewest - 1, -1):
        edges = np.linspace(begin, end + half, k + 1)
        span = np.floor((t - begin) / (end + half - begin) * k).astype(np.intp)
        members = [[np.flatnonzero((video == i) & (span == j)) for i in kept] for j in range(k)]
        each = min(len(found) for row in members for found in row)
        if each:
            windows = np.array([np.concatenate([f[:each] for f in row]) for row in members])
            return Spans(edges, windows, len(kept), count - len(kept))
    return None
