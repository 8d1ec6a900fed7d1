"""How good are the frames as photographs? VBench's imaging quality, for comparison only."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import ItemScore


class VbenchImagingQuality(ColumnMetric):
    """Average MUSIQ's rating over the frames, divided by 100."""

    info = MetricInfo(
        name="vbench_imaging_quality",
        version=1,
        headline=ScoreInfo("VBench imaging quality", "", True),
        components=drift_infos("VBench imaging quality", "", True),
        needs=("musiq",),
        range=(None, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"score": ""},
        cites=("huang2024vbench",),
        tolerance=1e-3,
    )
    columns = ("rating",)

    def item(self, state: Collected) -> ItemScore:
        """Return the mean rating over 100, with its drift."""
        if len(state.t) < 2:
            return not_applicable("too_short", "fewer than 2 sampled frames")
        score = state["rating"] / 100
        segments = per_segment(state.t, score, state.video.segment_seconds)
        ordered = state.video.orders_change_of("style")
        components = {} if ordered else drift_components(segments)
        return ItemScore(
            value=float(score.mean()), components=components, series={"score": segments.series()}
        )
