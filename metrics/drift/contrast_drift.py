"""Does the picture lose contrast anywhere in the video?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_drift import Floats, FrameDrift
from lvbench.metrics.common.segments import drift_infos, shown_windows
from lvbench.results.schema import ItemScore

_SPARED = 1.5  # upper quartiles of all changes beyond their own pace
_LEAST = 0.15  # dB in a tenth of a second: a tenth of what is just noticed


class Followed(Collected):
    """The contrast of each frame, its change from the frame before, and the last frame's areas."""

    areas: Floats | None = None


class ContrastDrift(FrameDrift):
    """Follow the spread of luma between areas relative to mean luma, in dB.

    Jumps are what the areas agree on from frame to frame: a change of light is in all of them at
    once, an object that enters in few.

    Args:
        floor: Levels added to the distance of an area from the mean, and to the mean, so that a
            flat frame and a black one have a value.
    """

    persists, tolerance = "light", 1.5
    info = MetricInfo(
        name="contrast_drift",
        version=1,
        headline=ScoreInfo("Contrast drift", "dB", False, "median"),
        components=drift_infos("Contrast", "dB", None, tolerance=tolerance, worst=False),
        needs=("luma_areas",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"contrast": "dB"},
        cites=("lvbench",),
    )
    columns = ("contrast", "step")

    def __init__(self, floor: float = 0.1) -> None:
        self.floor = floor

    def new_state(self, video: VideoContext) -> Followed:
        """Return no steps, and no frame before."""
        return Followed(video, self.columns)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Append the contrast of the next frames, and their steps; the first of all has none."""
        if self.needs[0] not in features:
            return
        assert isinstance(state, Followed)
        found = features[self.needs[0]]
        areas = np.asarray(found["areas"], np.float64)
        before = areas[:1] if state.areas is None else state.areas
        columns = {
            "contrast": self._contrast(np.abs(areas - areas.mean(1, keepdims=True)).mean(1), areas),
            "step": self._steps(np.concatenate([before, areas])),
        }
        state.add(Features(found.t, columns), *columns)
        state.areas = areas[-1:]

    def _contrast(self, distance: Floats, areas: Floats) -> Floats:
        """Return distances from the mean `(n, ...)` relative to the mean of `areas`, in dB."""
        mean = areas.mean(1).reshape(-1, *[1] * (distance.ndim - 1))
        decibels: Floats = 20 * np.log10((distance + self.floor) / (mean + self.floor))
        return decibels

    def _steps(self, areas: Floats) -> Floats:
        """Return the change of contrast between consecutive rows of `areas`, in dB.

        It is the median over areas of the change of their own contrast, weighted by the geometric
        mean of the two. Areas that turned from darker to lighter than the mean, or back, have no
        vote: there, something else came into sight.
        """
        away = areas - areas.mean(1, keepdims=True)
        contrast = self._contrast(np.abs(away), areas)
        change, level = np.diff(contrast, axis=0), (contrast[1:] + contrast[:-1]) / 2
        weight = 10 ** (level / 20) * (away[:-1] * away[1:] >= 0)
        order = np.argsort(change, axis=1)
        reached = np.cumsum(np.take_along_axis(weight, order, 1), axis=1)
        middle = (reached < reached[:, -1:] / 2).sum(1, keepdims=True)
        steps: Floats = np.take_along_axis(change, np.take_along_axis(order, middle, 1), 1)[:, 0]
        return steps

    def of_frames(self, state: Collected) -> Floats:
        """Return the ratio of spread and mean in dB, as of amplitudes."""
        return state["contrast"]

    def item(self, state: Collected) -> ItemScore:
        """Return the change over the entire clip, its jumps followed by the areas."""
        from lvbench.stats.drift import entire_change

        found, seconds = super().item(state), state.video.segment_seconds
        if found.value is None:
            return found
        level, followed = (
            shown_windows(state.t, values, seconds)
            for values in (state["contrast"], np.cumsum(state["step"]))
        )
        return found.model_copy(
            update={"value": entire_change(level, followed, spared=_SPARED, least=_LEAST)}
        )
