"""VBench's background consistency (CLIP ViT-B/32), so that published numbers stay comparable."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_consistency import VbenchConsistency


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
        cites=("huang2024vbench",),
        tolerance=1e-4,
    )
