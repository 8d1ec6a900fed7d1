"""Does the exposure drift over the length of the video?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.segments import drift_components, drift_infos, per_segment, why_no_drift
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class ExposureDrift(Metric[Collected]):
    """Estimate the drift of mean lightness, and of the fraction of clipped pixels."""

    info = MetricInfo(
        name="exposure_drift",
        version=1,
        headline=ScoreInfo("Exposure drift", "L*", False, "median_absolute"),
        components=drift_infos("Lightness", "L*", None)
        | {
            "clipped": ScoreInfo("Clipped pixel fraction", "", False, "mean", (0.0, 1.0)),
            "clipped_end_level": ScoreInfo(
                "Clipped pixel fraction, end minus start", "", False, "median"
            ),
        },
        needs=("luma_statistics",),
        range=(-100.0, 100.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"lightness": "L*", "clipped": ""},
        reference="CIE 15:2004 (L*); drift estimators: lvbench design, 'Drift, defined'",
    )

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep lightness and clipping of every frame."""
        state.add(features["luma_statistics"], "lightness", "clipped_low", "clipped_high")

    def item(self, state: Collected) -> ItemScore:
        """Return the signed end level of lightness, with its series and drift."""
        seconds = state.video.segment_seconds
        lightness = per_segment(state.t, state["lightness"], seconds)
        clipped_frames = state["clipped_low"] + state["clipped_high"]
        clipped = per_segment(state.t, clipped_frames, seconds)
        refusal = why_no_drift(len(lightness.t), state.video, "light")
        if refusal:
            return refusal
        from lvbench.stats.drift import end_level

        parts = drift_components(lightness)
        return ItemScore(
            value=parts["end_level"],
            components=parts
            | {
                "clipped": float(np.mean(clipped_frames)),
                "clipped_end_level": end_level(clipped.t, clipped.y),
            },
            series={"lightness": lightness.series(), "clipped": clipped.series()},
        )


def exposure_drift(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return the exposure drift of one clip, `uint8 (T, H, W, 3)` RGB; see the card."""
    metric = ExposureDrift(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
