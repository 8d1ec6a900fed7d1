"""Do the edges lose sharpness anywhere in the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos, shown_windows
from lvbench.results.schema import ItemScore

_SPARED = 3.0  # upper quartiles of all changes: in white noise, one of 40 is larger


class SharpnessDrift(FrameDrift):
    """Follow the energy of edges at a fine scale over that at a coarse one; change is loss.

    Args:
        floor: Squared levels added to the coarse energy: edges that are much fainter count as
            lost. A tenth of it is added to the fine energy, so that a flat frame has a value.
    """

    persists, tolerance = "style", 1.0
    info = MetricInfo(
        name="sharpness_drift",
        version=1,
        headline=ScoreInfo("Sharpness drift", "dB", True, "median"),
        components=drift_infos("Sharpness", "dB", True, tolerance=tolerance, worst=False),
        needs=("detail_statistics",),
        range=(None, 0.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"sharpness": "dB"},
        cites=("lvbench",),
    )
    columns = ("edges_fine", "edges_coarse")

    def __init__(self, floor: float = 0.2) -> None:
        self.floor = floor

    def of_frames(self, state: Collected) -> Floats:
        """Return the ratio of the two energies in dB."""
        fine, coarse = state["edges_fine"], state["edges_coarse"]
        ratio: Floats = (fine + 0.1 * self.floor) / (coarse + self.floor)
        return 10 * np.log10(ratio)

    def item(self, state: Collected) -> ItemScore:
        """Return minus the change over the entire clip, with the series and its drift."""
        from lvbench.stats.drift import entire_change

        found = super().item(state)
        if found.value is None:
            return found
        windows = shown_windows(state.t, self.of_frames(state), state.video.segment_seconds)
        return found.model_copy(update={"value": 0 - entire_change(windows, spared=_SPARED)})
