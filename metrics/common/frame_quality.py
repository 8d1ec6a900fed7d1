"""Shared code of metrics that compare every frame with its partner in a paired reference."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import ItemScore, Series

PER_FRAME = "per_frame"
"""Name of the series of single frames."""


class FrameQuality(ColumnMetric):
    """Average a number of every frame over the video, and follow it over time.

    A subclass names the numbers that it reads of its extractor; the first is its headline.

    Attributes:
        columns: Names of the extractor's arrays; one that a block lacks is left out.
    """

    columns: ClassVar[tuple[str, ...]]

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep the numbers of every frame."""
        found = features[self.needs[0]]
        state.add(found, *(name for name in self.columns if name in found.values))

    def item(self, state: Collected) -> ItemScore:
        """Return the mean over frames, its lowest or highest frame, and its drift."""
        t, y = state.t, state[self.columns[0]]
        if len(t) < 2:
            found = f"frames compared: {len(t)}; one frame is a picture, not a video"
            return not_applicable("too_short", found)
        segments = per_segment(t, y, state.video.segment_seconds)
        parts = {"worst_frame": float(y.min() if self.info.headline.higher_is_better else y.max())}
        parts |= drift_components(segments)
        return ItemScore(
            value=float(y.mean()),
            components=parts | self.parts(state),
            series={
                self.columns[0]: segments.series(),
                PER_FRAME: Series(t=t.tolist(), y=y.tolist()),
            },
            detail=self.conventions(state),
        )

    def parts(self, state: Collected) -> dict[str, float]:
        """Return further components; there is at least one frame."""
        return {}

    @abstractmethod
    def conventions(self, state: Collected) -> str:
        """Return in words what the number is defined on, as outputs name it."""


def quality_infos(title: str, unit: str, higher_is_better: bool) -> dict[str, ScoreInfo]:
    """Describe the components that every `FrameQuality` has: the worst frame, and drift."""
    worst = ScoreInfo(f"{title}, worst frame", unit, higher_is_better)
    return {"worst_frame": worst} | drift_infos(title, unit, higher_is_better)


def mean_parts(state: Collected, *names: str) -> dict[str, float]:
    """Return the means over frames of those columns that there are."""
    return {name: float(np.mean(state[name])) for name in names if len(state[name])}
