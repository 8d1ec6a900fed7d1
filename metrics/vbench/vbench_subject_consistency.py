"""VBench's subject consistency (DINO ViT-B/16), so that published numbers stay comparable."""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.vbench_consistency import VbenchConsistency


class VbenchSubjectConsistency(VbenchConsistency):
    """Compare every frame's DINO ViT-B/16 vector with the previous and the first frame's."""

    info = MetricInfo(
        name="vbench_subject_consistency",
        version=1,
        headline=ScoreInfo("VBench subject consistency", "", True),
        needs=("dino_vitb16",),
        range=(0.0, 1.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"score": ""},
        cites=("huang2024vbench",),
        tolerance=1e-4,
    )
