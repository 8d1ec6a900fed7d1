"""Does the exposure change anywhere in the video?"""

from __future__ import annotations

import numpy as np

from lvbench.features.signal.statistics import lightness
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos, per_segment
from lvbench.results.schema import ItemScore


class ExposureDrift(FrameDrift):
    """Follow the lightness of the mean luma, and the fraction of clipped pixels."""

    persists, tolerance = "light", 2.3
    info = MetricInfo(
        name="exposure_drift",
        version=1,
        headline=ScoreInfo("Exposure drift", "L*", False, "median"),
        components=drift_infos("Lightness", "L*", None, tolerance=tolerance, worst=False)
        | {
            "clipped": ScoreInfo("Clipped pixel fraction", "", False, "mean", (0.0, 1.0)),
            "clipped_end_level": ScoreInfo(
                "Clipped pixel fraction, end minus start", "", False, "median"
            ),
        },
        needs=("luma_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"lightness": "L*", "clipped": ""},
        cites=("cie15:2004", "iec1999srgb", "lvbench"),
    )
    columns = ("mean", "clipped_low", "clipped_high")

    def of_frames(self, state: Collected) -> Floats:
        """Return the lightness of every frame's mean luma."""
        return lightness(state["mean"])

    def item(self, state: Collected) -> ItemScore:
        """Return the change of lightness over the entire clip, with clipping."""
        from lvbench.stats.drift import end_level

        found = super().item(state)
        if found.status != "ok":
            return found
        frames = state["clipped_low"] + state["clipped_high"]
        clipped = per_segment(state.t, frames, state.video.segment_seconds)
        parts = {
            "clipped": float(np.mean(frames)),
            "clipped_end_level": end_level(clipped.t, clipped.y),
        }
        return found.model_copy(
            update={
                "components": found.components | parts,
                "series": found.series | {"clipped": clipped.series()},
            }
        )
