"""Does the exposure drift over the length of the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import drift_components, drift_infos, per_segment, why_no_drift
from lvbench.results.schema import ItemScore


class ExposureDrift(ColumnMetric):
    """Estimate the drift of mean lightness, and of the fraction of clipped pixels."""

    info = MetricInfo(
        name="exposure_drift",
        version=1,
        headline=ScoreInfo("Exposure drift", "L*", False, "median_absolute"),
        components=drift_infos("Lightness", "L*", None)
        | {
            "clipped": ScoreInfo("Clipped pixel fraction", "", False, "mean", (0.0, 1.0)),
            "clipped_end_level": ScoreInfo(
                "Clipped pixel fraction, end minus start", "", False, "median"
            ),
        },
        needs=("luma_statistics",),
        range=(-100.0, 100.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"lightness": "L*", "clipped": ""},
        cites=("cie15:2004", "iec1999srgb", "lvbench"),
    )
    columns = ("lightness", "clipped_low", "clipped_high")

    def item(self, state: Collected) -> ItemScore:
        """Return the signed end level of lightness, with its series and drift."""
        seconds = state.video.segment_seconds
        lightness = per_segment(state.t, state["lightness"], seconds)
        clipped_frames = state["clipped_low"] + state["clipped_high"]
        clipped = per_segment(state.t, clipped_frames, seconds)
        refusal = why_no_drift(len(lightness.t), state.video, "light")
        if refusal:
            return refusal
        from lvbench.stats.drift import end_level

        parts = drift_components(lightness)
        return ItemScore(
            value=parts["end_level"],
            components=parts
            | {
                "clipped": float(np.mean(clipped_frames)),
                "clipped_end_level": end_level(clipped.t, clipped.y),
            },
            series={"lightness": lightness.series(), "clipped": clipped.series()},
        )
