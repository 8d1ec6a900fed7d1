"""VBench-Long's background consistency: CLIP ViT-B/32 within clips and between them."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_long_consistency import VbenchLongConsistency


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
        cites=("huang2025vbenchpp",),
        tolerance=1e-4,
    )
