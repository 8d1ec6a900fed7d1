"""Shared code of metrics that follow one quantity of the frames over the entire clip."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import (
    drift_components,
    per_segment,
    short_windows,
    why_no_drift,
)
from lvbench.results.schema import ItemScore

Floats = NDArray[np.float64]


class EntireChange:
    """Mark a metric whose headline is a change over the entire clip: 0 where nothing drifts."""


class FrameDrift(EntireChange, ColumnMetric):
    """Follow a quantity of every frame; the headline is its change over the entire clip.

    Attributes:
        persists: What the prompts must require to stay for a change to be drift.
        tolerance: Size of a change that is just noticed, in the unit of the series.
    """

    persists: ClassVar[str]
    tolerance: ClassVar[float]

    @abstractmethod
    def of_frames(self, state: Collected) -> Floats:
        """Return the quantity of every frame, `(n,)`."""

    def item(self, state: Collected) -> ItemScore:
        """Return the change over the entire clip, with the series and its drift."""
        values, seconds = self.of_frames(state), state.video.segment_seconds
        segments = per_segment(state.t, values, seconds)
        refusal = why_no_drift(len(segments.t), state.video, self.persists)
        if refusal:
            return refusal
        windows = short_windows(state.t, values, seconds)
        parts = drift_components(segments, windows=windows, tolerance=self.tolerance)
        name = next(iter(self.info.series))
        return ItemScore(
            value=parts.pop("worst"), components=parts, series={name: segments.series()}
        )
