"""Every segment of a video against every other, in memory that grows with their number alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.segments import Segments
from lvbench.metrics.common.similarity import Vectors

GRID = 16
"""Blocks of segments along each side of the matrix that is kept."""

_ROWS = 256  # rows of the matrix in memory at a time


class SimilarityMatrix:
    """Summarise the cosines of all pairs of segments.

    Attributes:
        to_others: Mean similarity of each segment to all others, `(s,)`.
        lags: Distances in segments that occur, increasing.
        by_lag: Mean similarity at each.
        grid: Means over blocks of neighbouring segments, `(g, g)`, `g` at most `GRID`. A segment
            counts against itself only where it is a block of its own.

    Args:
        ids: Numbers of the segments, increasing, `(s,)`, `s` at least 2.
        vectors: Their unit vectors, `(s, d)`.
    """

    def __init__(self, ids: NDArray[np.int64], vectors: Vectors) -> None:
        count = len(ids)
        size = min(count, GRID)
        self._block = np.arange(count) * size // count
        self.to_others = np.empty(count)
        lag_sum, lag_count = (np.zeros(int(ids[-1] - ids[0]) + 1) for _ in range(2))
        grid, grid_count = (np.zeros((size, size)) for _ in range(2))
        for start in range(0, count, _ROWS):
            rows = np.arange(start, min(start + _ROWS, count))
            apart = np.ones((len(rows), count))
            apart[np.arange(len(rows)), rows] = 0.0
            similar = np.clip(vectors[rows] @ vectors.T, -1.0, 1.0) * apart
            self.to_others[rows] = similar.sum(axis=1) / (count - 1)
            lag = np.abs(ids[rows, None] - ids).ravel()
            lag_sum += np.bincount(lag, similar.ravel(), len(lag_sum))
            lag_count += np.bincount(lag, apart.ravel(), len(lag_sum))
            cell = (self._block[rows, None], np.broadcast_to(self._block, similar.shape))
            np.add.at(grid, cell, similar)
            np.add.at(grid_count, cell, apart)
        self.lags = np.flatnonzero(lag_count)
        self.by_lag = lag_sum[self.lags] / lag_count[self.lags]
        self.grid = np.divide(grid, grid_count, out=np.ones_like(grid), where=grid_count > 0)

    def rows(self, t: NDArray[np.float64]) -> list[Segments]:
        """Return the rows of the grid over the mean times of its blocks.

        Args:
            t: Centres of the segments, `(s,)`.
        """
        centres = np.bincount(self._block, t) / np.bincount(self._block)
        return [Segments(centres, row) for row in self.grid]
