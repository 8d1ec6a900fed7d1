"""Does the noise of the picture change anywhere in the video?"""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos


class NoiseDrift(FrameDrift):
    """Follow the standard deviation of the noise in flat areas, in levels."""

    persists, tolerance = "style", 2.0
    info = MetricInfo(
        name="noise_drift",
        version=1,
        headline=ScoreInfo("Noise drift", "levels", False, "median"),
        components=drift_infos("Noise", "levels", False, tolerance=tolerance, worst=False),
        needs=("detail_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"noise": "levels"},
        cites=("immerkaer1996noise", "lvbench"),
    )
    columns = ("noise",)

    def of_frames(self, state: Collected) -> Floats:
        """Return the noise of every frame."""
        return state["noise"]
