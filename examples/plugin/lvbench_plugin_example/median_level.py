"""How bright is the video?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.results.schema import ItemScore


class MedianLevel(ColumnMetric):
    """Compute the median level over the frames."""

    info = MetricInfo(
        name="median_level",
        version=1,
        headline=ScoreInfo("Median level", "levels", None, "median"),
        needs=("level",),
        range=(0.0, None),
        group="over time",
        cites=("conover1999nonparametric",),
    )
    columns = ("level",)

    def item(self, state: Collected) -> ItemScore:
        """Return the median level."""
        return ItemScore(value=float(np.median(state["level"])))
