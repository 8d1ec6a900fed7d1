"""Can every second frame be interpolated from its neighbours? VBench's formula."""

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


class VbenchMotionSmoothness(Metric[Collected]):
    """Compute `(255 - mean |I - I'|) / 255` over every second frame, `I'` its interpolation.

    Args:
        extractor: What interpolates: `interpolation_amt_s` as VBench does; the numbers of
            `interpolation_dis` and `interpolation_blend` go by other names and are not VBench's.
    """

    info = MetricInfo(
        name="vbench_motion_smoothness",
        version=1,
        headline=ScoreInfo("VBench motion smoothness", "", True),
        needs=("interpolation_amt_s",),
        range=(0.0, 1.0),
        group="motion",
        gates=("freeze",),
        series={"score": ""},
        reference="Vchitect/VBench, vbench/motion_smoothness.py (45e79ec)",
        citation=(
            "@inproceedings{huang2024vbench, title={VBench: Comprehensive Benchmark Suite for "
            "Video Generative Models}, author={Huang, Ziqi and others}, booktitle={CVPR}, "
            "year={2024}}"
        ),
        tolerance=1e-4,
    )

    def __init__(self, extractor: str = "interpolation_amt_s") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep the error of every interpolated frame."""
        state.add(features[self.needs[0]], "error")

    def item(self, state: Collected) -> ItemScore:
        """Return the score of one video."""
        t = state.t
        if not len(t):
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 3 frames"
            )
        score = (255.0 - state["error"]) / 255.0
        series = per_segment(t, score, state.video.segment_seconds).series()
        return ItemScore(value=float(score.mean()), series={"score": series})


def vbench_motion_smoothness(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return VBench's motion smoothness of one clip, `uint8 (T, H, W, 3)` RGB; see the card.

    Raises:
        WeightsError: The interpolator's weights are not in the cache.
    """
    metric = VbenchMotionSmoothness(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
