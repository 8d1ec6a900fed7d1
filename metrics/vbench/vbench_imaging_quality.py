"""How good are the frames as photographs? VBench's imaging quality, for comparison only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


class VbenchImagingQuality(Metric[Collected]):
    """Average MUSIQ's rating over the frames, divided by 100."""

    info = MetricInfo(
        name="vbench_imaging_quality",
        version=1,
        headline=ScoreInfo("VBench imaging quality", "", True),
        components=drift_infos("VBench imaging quality", "", True),
        needs=("musiq",),
        range=(None, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"score": ""},
        reference="Vchitect/VBench, vbench/imaging_quality.py (45e79ec); Ke et al., MUSIQ, ICCV "
        "2021",
        citation=(
            "@inproceedings{huang2024vbench, title={VBench: Comprehensive Benchmark Suite for "
            "Video Generative Models}, author={Huang, Ziqi and others}, booktitle={CVPR}, "
            "year={2024}}"
        ),
        tolerance=1e-3,
    )

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep the rating of every frame."""
        state.add(features["musiq"], "rating")

    def item(self, state: Collected) -> ItemScore:
        """Return the mean rating over 100, with its drift."""
        if len(state.t) < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 2 sampled frames"
            )
        score = state["rating"] / 100
        segments = per_segment(state.t, score, state.video.segment_seconds)
        components = {}
        if len(segments.t) >= MINIMUM_SEGMENTS and not state.video.orders_change_of("style"):
            components = drift_components(segments)
        return ItemScore(
            value=float(score.mean()), components=components, series={"score": segments.series()}
        )


def vbench_imaging_quality(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return VBench's imaging quality of one clip, `uint8 (T, H, W, 3)` RGB; see the card.

    Raises:
        WeightsError: MUSIQ's weights are not in the cache.
    """
    metric = VbenchImagingQuality(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
