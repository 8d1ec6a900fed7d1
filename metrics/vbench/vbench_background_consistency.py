"""VBench's background consistency (CLIP ViT-B/32), so that published numbers stay comparable."""

from __future__ import annotations

from lvbench.metrics.common.vbench_consistency import VbenchConsistency, consistency_info


class VbenchBackgroundConsistency(VbenchConsistency):
    """Compare every frame's CLIP ViT-B/32 vector with the previous and the first frame's."""

    info = consistency_info("background", "clip_vit_b_32_vbench")
