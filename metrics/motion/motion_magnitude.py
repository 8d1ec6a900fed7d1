"""How fast does the picture move?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import ItemScore
from lvbench.stats.quantiles import quantile

_UNIT = "diagonals/s"


class MotionMagnitude(Metric[Spans]):
    """Measure the 95th percentile and the mean of the flow's length in every frame pair.

    Args:
        extractor: Optical flow that is read: `dis`, `raft_small`, `raft_large`.
    """

    info = MetricInfo(
        name="motion_magnitude",
        version=1,
        headline=ScoreInfo("Motion magnitude", _UNIT, None),
        components={"mean": ScoreInfo("Motion magnitude, mean over the picture", _UNIT, None)},
        needs=("dis", "shots"),
        range=(0.0, None),
        group="motion",
        series={"motion": _UNIT, "mean": _UNIT},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(self, extractor: str = "dis") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> Spans:
        """Return the empty state."""
        return Spans(video)

    def update(self, state: Spans, features: Mapping[str, Features]) -> None:
        """Keep two numbers of every pair."""
        if "shots" in features:
            state.add_cuts(features["shots"])
        if self.needs[0] not in features:
            return
        flow = features[self.needs[0]]
        for end, dt, field in zip(flow.t, flow["dt"], flow["forward"], strict=True):
            unit = float(np.hypot(*field.shape[:2]) * dt)
            length = np.hypot(field[..., 0], field[..., 1])
            fast = float(quantile(length, 0.95)) / unit
            mean = float(length.mean(dtype=np.float64)) / unit
            state.add(float(end - dt), float(end), float(end), fast, mean, float(dt))

    def item(self, state: Spans) -> ItemScore:
        """Return the means over the pairs that no cut crosses."""
        if not len(state):
            return not_applicable("too_short", "fewer than 2 frames")
        kept = state.away_from_cuts()
        if not len(kept):
            return not_applicable("only_cuts", "a cut between all frames")
        t, fast, mean, dt = kept.T
        # Distance over time: a pair counts for as long as it lasts.
        value, slower = float(fast @ dt / dt.sum()), float(mean @ dt / dt.sum())
        seconds = state.video.segment_seconds
        return ItemScore(
            value=value,
            components={"mean": slower},
            series={
                "motion": per_segment(t, fast, seconds).series(),
                "mean": per_segment(t, mean, seconds).series(),
            },
        )
