"""Do the colours change anywhere in the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.frame_drift import EntireChange, Floats
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    short_windows,
    why_no_drift,
)
from lvbench.results.schema import ItemScore

_LIGHTNESS = 50.0  # L* at which colours are compared
# A gain of linear light scales L* + 16, a* and b* alike. One of sRGB code values takes more from
# the darker channels, and so more chroma: 8 fits it.
_OFFSET = 8.0


class ColourDrift(EntireChange, ColumnMetric):
    """Follow mean a*, mean b* and mean chroma, read at one lightness.

    Args:
        minimum_chroma: Below this length of the mean (a*, b*) in any segment the hue is not
            defined well enough, and no hue is reported.
    """

    info = MetricInfo(
        name="colour_drift",
        version=1,
        headline=ScoreInfo("Colour drift", "ΔE", False, "median"),
        components=drift_infos("Chroma", "C*", None, "chroma_", tolerance=2.3)
        | drift_infos("Hue", "°", None, "hue_"),
        needs=("lab_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"chroma": "C*", "hue": "°", "a": "a*", "b": "b*"},
        cites=("cie15:2004", "lvbench"),
    )
    columns = ("mean_L", "mean_a", "mean_b", "chroma")

    def __init__(self, minimum_chroma: float = 2.0) -> None:
        self.minimum_chroma = minimum_chroma

    def item(self, state: Collected) -> ItemScore:
        """Return the change of colour over the entire clip, with the drift of chroma and hue."""
        from lvbench.stats.drift import entire_change

        t, seconds = state.t, state.video.segment_seconds
        frames = _at_one_lightness(state)
        a, b, chroma = (per_segment(t, values, seconds) for values in frames)
        refusal = why_no_drift(len(a.t), state.video, "light")
        if refusal:
            return refusal
        windows = [short_windows(t, values, seconds) for values in frames]
        parts = drift_components(chroma, "chroma_", windows=windows[2], tolerance=2.3)
        series = {"chroma": chroma.series(), "a": a.series(), "b": b.series()}
        if np.hypot(a.y, b.y).min() >= self.minimum_chroma:
            # Unwrapped, so that a turn through 180 degrees is no jump.
            hue = Segments(a.t, np.degrees(np.unwrap(np.arctan2(b.y, a.y))))
            parts |= drift_components(hue, "hue_")
            series["hue"] = hue.series()
        changes = [entire_change(window.y) for window in windows]
        return ItemScore(value=float(np.linalg.norm(changes)), components=parts, series=series)


def _at_one_lightness(state: Collected) -> tuple[Floats, Floats, Floats]:
    """Return a*, b* and chroma of every frame as a gain to the common lightness makes them."""
    gain = (_LIGHTNESS + _OFFSET) / (state["mean_L"] + _OFFSET)
    return gain * state["mean_a"], gain * state["mean_b"], gain * state["chroma"]
