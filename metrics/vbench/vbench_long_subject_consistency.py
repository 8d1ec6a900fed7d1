"""VBench-Long's subject consistency: DINO ViT-B/16 within clips, DINOv2 ViT-B/14 between them."""

from __future__ import annotations

from lvbench.metrics.common.vbench_long_consistency import (
    VbenchLongConsistency,
    long_consistency_info,
)


class VbenchLongSubjectConsistency(VbenchLongConsistency):
    """Fuse the score within clips with the mapped one between their first frames."""

    info = long_consistency_info(
        "subject", ("dino_vitb16", "dinov2_vitb14", "vbench_long_subject_map")
    )
