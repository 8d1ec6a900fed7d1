"""VBench-Long's background consistency: CLIP ViT-B/32 within clips and between them."""

from __future__ import annotations

from lvbench.metrics.common.vbench_long_consistency import (
    VbenchLongConsistency,
    long_consistency_info,
)


class VbenchLongBackgroundConsistency(VbenchLongConsistency):
    """Fuse the score within clips with the mapped one between their first frames."""

    info = long_consistency_info(
        "background", ("clip_vit_b_32_vbench", "vbench_long_background_map")
    )
