"""Do the colours drift over the length of the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    why_no_drift,
)
from lvbench.results.schema import ItemScore


class ColourDrift(ColumnMetric):
    """Estimate the drift of mean colour in CIELAB: shift in the a*b* plane, chroma, hue.

    Args:
        minimum_chroma: Below this length of the mean (a*, b*) in any segment the hue is not
            defined well enough, and no hue is reported.
    """

    info = MetricInfo(
        name="colour_drift",
        version=1,
        headline=ScoreInfo("Colour drift", "ΔE", False, "median"),
        components=drift_infos("Chroma", "C*", None, "chroma_")
        | drift_infos("Hue", "°", None, "hue_"),
        needs=("lab_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"chroma": "C*", "hue": "°", "a": "a*", "b": "b*"},
        cites=("cie15:2004", "lvbench"),
    )
    columns = ("mean_a", "mean_b", "chroma")

    def __init__(self, minimum_chroma: float = 2.0) -> None:
        self.minimum_chroma = minimum_chroma

    def item(self, state: Collected) -> ItemScore:
        """Return the colour shift, with the series and drift of chroma and hue."""
        seconds = state.video.segment_seconds
        a = per_segment(state.t, state["mean_a"], seconds)
        b = per_segment(state.t, state["mean_b"], seconds)
        chroma = per_segment(state.t, state["chroma"], seconds)
        refusal = why_no_drift(len(a.t), state.video, "light")
        if refusal:
            return refusal
        from lvbench.stats.drift import end_level

        parts = drift_components(chroma, "chroma_")
        series = {"chroma": chroma.series(), "a": a.series(), "b": b.series()}
        if np.hypot(a.y, b.y).min() >= self.minimum_chroma:
            # Unwrapped, so that a turn through 180 degrees is no jump.
            hue = Segments(a.t, np.degrees(np.unwrap(np.arctan2(b.y, a.y))))
            parts |= drift_components(hue, "hue_")
            series["hue"] = hue.series()
        shift = np.hypot(end_level(a.t, a.y), end_level(b.t, b.y))
        return ItemScore(value=float(shift), components=parts, series=series)
