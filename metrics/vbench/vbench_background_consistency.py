"""VBench's background consistency (CLIP ViT-B/32), so that published numbers stay comparable."""

from __future__ import annotations

from typing import Any

from lvbench.features.base import Extractor
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_consistency import CITATION, VbenchConsistency
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class VbenchBackgroundConsistency(VbenchConsistency):
    """Compare every frame's CLIP ViT-B/32 vector with the previous and the first frame's."""

    info = MetricInfo(
        name="vbench_background_consistency",
        version=1,
        headline=ScoreInfo("VBench background consistency", "", True),
        needs=("clip_vit_b_32_vbench",),
        range=(0.0, 1.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"score": ""},
        reference="Vchitect/VBench, vbench/background_consistency.py (45e79ec)",
        citation=CITATION,
        tolerance=1e-4,
    )


def vbench_background_consistency(
    frames: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
    extractors: dict[str, Extractor] | None = None,
    **parameters: Any,
) -> ItemScore:
    """Return VBench's background consistency of one clip, `uint8 (T, H, W, 3)` RGB; see the card.

    `extractors` holds a ready one, as `lvbench.features.load` gives it, by name.
    """
    metric = VbenchBackgroundConsistency(**parameters)
    return score_array(
        metric, frames, fps=fps, segment_seconds=segment_seconds, extractors=extractors
    )
