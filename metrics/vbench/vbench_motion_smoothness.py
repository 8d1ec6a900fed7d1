"""Can every second frame be interpolated from its neighbours? VBench's formula."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore


class VbenchMotionSmoothness(ColumnMetric):
    """Compute `(255 - mean |I - I'|) / 255` over every second frame, `I'` its interpolation.

    Args:
        extractor: What interpolates: `interpolation_amt_s` as VBench does; the numbers of
            `interpolation_dis` and `interpolation_blend` go by other names and are not VBench's.
    """

    info = MetricInfo(
        name="vbench_motion_smoothness",
        version=1,
        headline=ScoreInfo("VBench motion smoothness", "", True),
        needs=("interpolation_amt_s",),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness",),
        series={"score": ""},
        cites=("huang2024vbench",),
        tolerance=1e-4,
    )
    columns = ("error",)

    def __init__(self, extractor: str = "interpolation_amt_s") -> None:
        self.extractor = extractor

    def item(self, state: Collected) -> ItemScore:
        """Return the score of one video."""
        t = state.t
        if not len(t):
            return not_applicable("too_short", "fewer than 3 frames")
        score = (255.0 - state["error"]) / 255.0
        series = per_segment(t, score, state.video.segment_seconds).series()
        return ItemScore(value=float(score.mean()), series={"score": series})
