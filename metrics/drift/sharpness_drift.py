"""Does the picture lose (or gain) fine detail over the length of the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import drift_components, drift_infos, per_segment, why_no_drift
from lvbench.results.schema import ItemScore


class SharpnessDrift(ColumnMetric):
    """Estimate the drift of high-frequency energy relative to the picture's contrast, in dB.

    Args:
        floor: Squared levels added to both energies, so that a black frame has a value.
    """

    info = MetricInfo(
        name="sharpness_drift",
        version=1,
        headline=ScoreInfo("Sharpness drift", "dB", True, "median"),
        components=drift_infos("Sharpness", "dB", True),
        needs=("luma_statistics",),
        range=(None, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"sharpness": "dB"},
        cites=("pechpacheco2000diatom", "lvbench"),
    )
    columns = ("detail", "contrast")

    def __init__(self, floor: float = 0.01) -> None:
        self.floor = floor

    def item(self, state: Collected) -> ItemScore:
        """Return the signed end level of sharpness, with its series and drift."""
        ratio = (state["detail"] + self.floor) / (state["contrast"] + self.floor)
        sharpness = per_segment(state.t, 10 * np.log10(ratio), state.video.segment_seconds)
        refusal = why_no_drift(len(sharpness.t), state.video, "style")
        if refusal:
            return refusal
        parts = drift_components(sharpness)
        return ItemScore(
            value=parts["end_level"], components=parts, series={"sharpness": sharpness.series()}
        )
