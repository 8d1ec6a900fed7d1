"""VBench-Long's background consistency: CLIP ViT-B/32 within clips and between them."""

from __future__ import annotations

from typing import Any

from lvbench.features.base import Extractor
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_long_consistency import CITATION, VbenchLongConsistency
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class VbenchLongBackgroundConsistency(VbenchLongConsistency):
    """Fuse the score within clips with the mapped one between their first frames."""

    info = MetricInfo(
        name="vbench_long_background_consistency",
        version=1,
        headline=ScoreInfo("VBench-Long background consistency", "", True),
        components=VbenchLongConsistency.components,
        needs=("clip_vit_b_32_vbench", "vbench_long_background_map"),
        range=(0.0, 1.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"within_clips": "", "between_clips": ""},
        reference="Vchitect/VBench, vbench2_beta_long/background_consistency.py (45e79ec)",
        citation=CITATION,
        tolerance=1e-4,
    )


def vbench_long_background_consistency(
    frames: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
    extractors: dict[str, Extractor] | None = None,
    **parameters: Any,
) -> ItemScore:
    """Return VBench-Long's background consistency of one clip, `uint8 (T, H, W, 3)` RGB.

    `extractors` holds ready ones, as `lvbench.features.load` gives them, by name. See the card.
    """
    metric = VbenchLongBackgroundConsistency(**parameters)
    return score_array(
        metric, frames, fps=fps, segment_seconds=segment_seconds, extractors=extractors
    )
