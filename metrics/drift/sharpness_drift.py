"""Do the edges lose sharpness anywhere in the video?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import FrameDrift
from lvbench.metrics.common.segments import headless_infos


class SharpnessDrift(FrameDrift):
    """Follow the energy of edges at a fine scale over that at a coarse one, in dB.

    Args:
        visible: Squared levels per pixel added to the coarse energy: edges that are much fainter
            count as lost. A hundredth of it is added to the fine energy.
    """

    persists, tolerance = "style", 1.0
    info = MetricInfo(
        name="sharpness_drift",
        version=1,
        headline=ScoreInfo("Sharpness drift", "dB", False, "median"),
        components=headless_infos("Sharpness", "dB", True, tolerance),
        needs=("detail_statistics",),
        range=(0.0, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"sharpness": "dB"},
        cites=("lvbench",),
    )
    columns = ("edges_fine", "edges_coarse")

    def __init__(self, visible: float = 0.05) -> None:
        self.visible = visible

    def of_frames(self, state: Collected) -> NDArray[np.float64]:
        """Return the ratio of the two energies in dB."""
        fine, coarse = state["edges_fine"], state["edges_coarse"]
        ratio: NDArray[np.float64] = (fine + 0.1 * self.visible) / (coarse + self.visible)
        return 10 * np.log10(ratio)
