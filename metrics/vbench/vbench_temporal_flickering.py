"""How close are consecutive frames, pixel by pixel? VBench's formula, for comparison only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvbench.features.base import Features
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class VbenchTemporalFlickering(Metric[Collected]):
    """Compute `(255 - mean |I[t+1] - I[t]|) / 255`, which rewards stillness."""

    info = MetricInfo(
        name="vbench_temporal_flickering",
        version=1,
        headline=ScoreInfo("VBench temporal flickering", "", True),
        needs=("rgb_difference",),
        range=(0.0, 1.0),
        group="motion",
        gates=("freeze",),
        series={"score": ""},
        reference="Vchitect/VBench, vbench/temporal_flickering.py (45e79ec)",
        citation=(
            "@inproceedings{huang2024vbench, title={VBench: Comprehensive Benchmark Suite for "
            "Video Generative Models}, author={Huang, Ziqi and others}, booktitle={CVPR}, "
            "year={2024}}"
        ),
    )

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep the mean absolute difference of every pair."""
        state.add(features["rgb_difference"], "mean_absolute")

    def item(self, state: Collected) -> ItemScore:
        """Return the score of one video, as VBench would."""
        t = state.t
        if not len(t):
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 2 frames"
            )
        score = (255.0 - state["mean_absolute"]) / 255.0
        series = per_segment(t, score, state.video.segment_seconds).series()
        return ItemScore(value=float(score.mean()), series={"score": series})


def vbench_temporal_flickering(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return VBench's temporal flickering of one clip, `uint8 (T, H, W, 3)` RGB; see the card."""
    metric = VbenchTemporalFlickering(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
