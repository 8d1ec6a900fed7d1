"""VBench-Long's subject consistency: DINO ViT-B/16 within clips, DINOv2 ViT-B/14 between them."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_long_consistency import VbenchLongConsistency


class VbenchLongSubjectConsistency(VbenchLongConsistency):
    """Fuse the score within clips with the mapped one between their first frames."""

    info = MetricInfo(
        name="vbench_long_subject_consistency",
        version=1,
        headline=ScoreInfo("VBench-Long subject consistency", "", True),
        components=VbenchLongConsistency.components,
        needs=("dino_vitb16", "dinov2_vitb14", "vbench_long_subject_map"),
        range=(0.0, 1.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"within_clips": "", "between_clips": ""},
        cites=("huang2025vbenchpp",),
        tolerance=1e-4,
    )
