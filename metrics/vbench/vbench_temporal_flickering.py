"""How close are consecutive frames, pixel by pixel? VBench's formula, for comparison only."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore


class VbenchTemporalFlickering(ColumnMetric):
    """Compute `(255 - mean |I[t+1] - I[t]|) / 255`, which rewards stillness."""

    info = MetricInfo(
        name="vbench_temporal_flickering",
        version=1,
        headline=ScoreInfo("VBench temporal flickering", "", True),
        needs=("rgb_difference",),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness",),
        series={"score": ""},
        cites=("huang2024vbench",),
    )
    columns = ("mean_absolute",)

    def item(self, state: Collected) -> ItemScore:
        """Return the score of one video, as VBench would."""
        t = state.t
        if not len(t):
            return not_applicable("too_short", "fewer than 2 frames")
        score = (255.0 - state["mean_absolute"]) / 255.0
        series = per_segment(t, score, state.video.segment_seconds).series()
        return ItemScore(value=float(score.mean()), series={"score": series})
