"""Does the video still show what it showed in its first segment?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    Segments,
    drift_components,
    drift_infos,
)
from lvbench.metrics.common.similarity import (
    UNKNOWN_BASELINE,
    SegmentVectors,
    cosine,
    half_life_components,
    half_life_infos,
)
from lvbench.metrics.common.similarity_matrix import GRID, SimilarityMatrix
from lvbench.results.schema import ItemScore, Series


class ClipConsistency(Metric[SegmentVectors]):
    """Compare every segment's mean embedding with the first, the previous and all others.

    Args:
        extractor: An image encoder.
        baseline: Its median similarity of unrelated real videos, which asks for the half-life;
            -1 where not known.
    """

    info = MetricInfo(
        name="clip_consistency",
        version=1,
        headline=ScoreInfo("Consistency with the first segment", "", True),
        components={
            "to_previous": ScoreInfo("Similarity to the previous segment", "", True),
            "to_others": ScoreInfo("Similarity to all other segments", "", True),
            "lowest": ScoreInfo("Lowest similarity to the first segment", "", True),
        }
        | drift_infos("Similarity to the first segment", "", True)
        | half_life_infos("Similarity to the first segment"),
        needs=("clip_vit_b_32",),
        range=(-1.0, 1.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
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
        """Return the mean similarity to the first segment, with series, matrix and drift."""
        for what in ("scene", "style"):
            if state.video.orders_change_of(what):
                return ItemScore(
                    status="not_applicable",
                    code="ordered_change",
                    detail=f"the prompts do not ask that {what} persist",
                )
        ids, vectors = state.directions()
        if len(ids) < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 2 segments"
            )
        seconds = state.video.segment_seconds
        t = np.asarray((ids + 0.5) * seconds, np.float64)
        first = Segments(t[1:], cosine(vectors[1:], vectors[0]))
        previous = Segments(t[1:], cosine(vectors[1:], vectors[:-1]))
        matrix = SimilarityMatrix(ids, vectors)
        drift = drift_components(first) if len(first.t) >= MINIMUM_SEGMENTS else {}
        return ItemScore(
            value=float(first.y.mean()),
            components={
                "to_previous": float(previous.y.mean()),
                "to_others": float(matrix.to_others.mean()),
                "lowest": float(first.y.min()),
            }
            | drift
            | half_life_components(first, self.baseline),
            series={
                "to_first": first.series(),
                "to_previous": previous.series(),
                "to_others": Segments(t, matrix.to_others).series(),
                "by_lag": Series(t=(matrix.lags * seconds).tolist(), y=matrix.by_lag.tolist()),
            }
            | {f"matrix_{i:02}": row.series() for i, row in enumerate(matrix.rows(t))},
        )
