"""Does the picture lose contrast anywhere in the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos


class ContrastDrift(FrameDrift):
    """Follow the spread of luma between areas relative to mean luma, in dB.

    Args:
        floor: Levels added to spread and mean, so that a black frame has a value.
    """

    persists, tolerance = "light", 1.5
    info = MetricInfo(
        name="contrast_drift",
        version=1,
        headline=ScoreInfo("Contrast drift", "dB", False, "median"),
        components=drift_infos("Contrast", "dB", None, tolerance=tolerance, worst=False),
        needs=("detail_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"contrast": "dB"},
        cites=("lvbench",),
    )
    columns = ("contrast", "mean")

    def __init__(self, floor: float = 0.1) -> None:
        self.floor = floor

    def of_frames(self, state: Collected) -> Floats:
        """Return the ratio of spread and mean in dB, as of amplitudes."""
        ratio: Floats = (state["contrast"] + self.floor) / (state["mean"] + self.floor)
        return 20 * np.log10(ratio)
