"""Do the frames look like natural pictures, and for how long?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class ImageQuality(Metric[Collected]):
    """Average NIQE and BRISQUE over sampled frames."""

    info = MetricInfo(
        name="image_quality",
        version=1,
        headline=ScoreInfo("NIQE", "", False),
        components={
            "brisque": ScoreInfo("BRISQUE", "", False, range=(0.0, 100.0)),
            **drift_infos("NIQE", "", False),
        },
        needs=("image_quality",),
        range=(0.0, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"niqe": "", "brisque": ""},
        reference="Mittal, Soundararajan and Bovik, SPL 20(3), 2013 (NIQE); Mittal, Moorthy and "
        "Bovik, TIP 21(12), 2012 (BRISQUE)",
        citation=(
            "@article{mittal2013niqe, title={Making a 'Completely Blind' Image Quality Analyzer}, "
            "author={Mittal, Anish and Soundararajan, Rajiv and Bovik, Alan C.}, journal={IEEE "
            "Signal Processing Letters}, volume={20}, number={3}, year={2013}}"
        ),
        tolerance=1e-4,
    )

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep both scores of every sampled frame."""
        state.add(features["image_quality"], "niqe", "brisque")

    def item(self, state: Collected) -> ItemScore:
        """Return the mean NIQE of the frames that have one."""
        t, niqe, brisque = state.t, state["niqe"], state["brisque"]
        if len(t) < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 2 sampled frames"
            )
        has_niqe, has_brisque = np.isfinite(niqe), np.isfinite(brisque)
        if not has_niqe.any():
            return ItemScore(
                status="not_applicable",
                code="too_small" if has_brisque.any() else "no_texture",
                detail="no frame with texture and 192 pixels on its shorter side",
            )
        seconds = state.video.segment_seconds
        segments = per_segment(t[has_niqe], niqe[has_niqe], seconds)
        components = {"brisque": float(brisque[has_brisque].mean())}
        if len(segments.t) >= MINIMUM_SEGMENTS and not state.video.orders_change_of("style"):
            components |= drift_components(segments)
        other = per_segment(t[has_brisque], brisque[has_brisque], seconds)
        return ItemScore(
            value=float(niqe[has_niqe].mean()),
            components=components,
            series={"niqe": segments.series(), "brisque": other.series()},
        )


def image_quality(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return NIQE and BRISQUE of one clip, `uint8 (T, H, W, 3)` RGB; see the card.

    Raises:
        WeightsError: The published parameters are not in the cache.
    """
    metric = ImageQuality(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
