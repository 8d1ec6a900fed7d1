"""How bright is the video?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.results.schema import ItemScore


class MedianLevel(Metric[list[float]]):
    """Compute the median level over the frames."""

    info = MetricInfo(
        name="median_level",
        version=1,
        headline=ScoreInfo("Median level", "levels", None, "median"),
        needs=("level",),
        range=(0.0, None),
        group="over time",
        reference="none",
    )

    def new_state(self, video: VideoContext) -> list[float]:
        """Return the empty state."""
        return []

    def update(self, state: list[float], features: Mapping[str, Features]) -> None:
        """Add the levels of a block of frames."""
        state += features["level"]["level"].tolist()

    def item(self, state: list[float]) -> ItemScore:
        """Return the median level."""
        return ItemScore(value=float(np.median(state)))
