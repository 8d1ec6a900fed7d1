"""Does the video show one thing throughout, and turn from moment to moment only slowly?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
)
from lvbench.metrics.common.similarity import (
    UNKNOWN_BASELINE,
    SegmentVectors,
    Vectors,
    cosine,
    half_life_components,
    half_life_infos,
)
from lvbench.results.schema import ItemScore, Series

GRID = 16
"""Blocks of segments along each side of the matrix that is kept."""
_ROWS = 256  # rows of the matrix in memory at a time


class ClipConsistency(Metric[SegmentVectors]):
    """Compare every segment's mean embedding with the first, the previous and all others.

    Args:
        extractor: An image encoder.
        baseline: Its median similarity of unrelated real videos, which the half-life needs;
            -1 where not known.
    """

    info = MetricInfo(
        name="clip_consistency",
        version=1,
        headline=ScoreInfo("Consistency of all segments", "", True),
        components={
            "to_first": ScoreInfo("Similarity to the first segment", "", True),
            "to_previous": ScoreInfo("Similarity to the previous segment", "", True),
            "to_others": ScoreInfo("Similarity to all other segments", "", True),
            "lowest": ScoreInfo("Similarity to the first segment, minimum", "", True),
        }
        | drift_infos("Similarity to the first segment", "", True)
        | half_life_infos("Similarity to the first segment"),
        needs=("clip_vit_b_32",),
        range=(-1.0, 1.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"to_first": "", "to_previous": "", "to_others": "", "by_lag": ""}
        | {f"matrix_{row:02}": "" for row in range(GRID)},
        cites=("lvbench",),
        tolerance=1e-4,
    )

    def __init__(
        self, extractor: str = "clip_vit_b_32", baseline: float = UNKNOWN_BASELINE
    ) -> None:
        self.extractor = extractor
        self.baseline = baseline

    def new_state(self, video: VideoContext) -> SegmentVectors:
        """Return the empty state."""
        return SegmentVectors(video)

    def update(self, state: SegmentVectors, features: Mapping[str, Features]) -> None:
        """Add the frames' embeddings to their segments'."""
        state.add(features[self.needs[0]], "image")

    def item(self, state: SegmentVectors) -> ItemScore:
        """Return the mean of the similarities to the previous and to all other segments.

        Both, so that no other order of the same segments scores higher.
        """
        for what in ("scene", "style"):
            if state.video.orders_change_of(what):
                return not_applicable(
                    "ordered_change", f"the prompts do not ask that {what} persist"
                )
        ids, vectors = state.directions()
        if len(ids) < 2:
            return not_applicable("too_short", "fewer than 2 segments")
        seconds = state.video.segment_seconds
        t = np.asarray((ids + 0.5) * seconds, np.float64)
        first = Segments(t[1:], cosine(vectors[1:], vectors[0]))
        previous = Segments(t[1:], cosine(vectors[1:], vectors[:-1]))
        matrix = SimilarityMatrix(ids, vectors)
        return ItemScore(
            value=float(previous.y.mean() + matrix.to_others.mean()) / 2,
            components={
                "to_first": float(first.y.mean()),
                "to_previous": float(previous.y.mean()),
                "to_others": float(matrix.to_others.mean()),
                "lowest": float(first.y.min()),
            }
            | drift_components(first)
            | half_life_components(first, self.baseline),
            series={
                "to_first": first.series(),
                "to_previous": previous.series(),
                "to_others": Segments(t, matrix.to_others).series(),
                "by_lag": Series(t=(matrix.lags * seconds).tolist(), y=matrix.by_lag.tolist()),
            }
            | {f"matrix_{i:02}": row.series() for i, row in enumerate(matrix.rows(t))},
        )


class SimilarityMatrix:
    """Summarise the cosines of all pairs of segments.

    Attributes:
        to_others: Mean similarity of each segment to all others, `(s,)`.
        lags: Distances in segments that occur, increasing.
        by_lag: Mean similarity at each.
        grid: Means over blocks of neighbouring segments, `(g, g)`, `g` at most `GRID`. A segment
            is compared with itself only where it is a block of its own.

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
