"""Does the noise of the picture change anywhere in the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos


class NoiseDrift(FrameDrift):
    """Follow the standard deviation of the noise in flat areas, in levels.

    Args:
        floor: Noise that is always there, in levels: it adds to that of the frame as independent
            noise does, so that changes of noise that is not seen hardly count.
    """

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

    def __init__(self, floor: float = 1.0) -> None:
        self.floor = floor

    def of_frames(self, state: Collected) -> Floats:
        """Return the noise of every frame with the floor."""
        noisy: Floats = np.hypot(state["noise"], self.floor)
        return noisy
