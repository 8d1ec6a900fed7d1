"""VBench's subject consistency (DINO ViT-B/16), so that published numbers stay comparable."""

from __future__ import annotations

from lvbench.metrics.common.vbench_consistency import VbenchConsistency, consistency_info


class VbenchSubjectConsistency(VbenchConsistency):
    """Compare every frame's DINO ViT-B/16 vector with the previous and the first frame's.

    Args:
        extractor: Another image encoder: the formula alone, where the network is not at hand.
    """

    info = consistency_info("subject", "dino_vitb16")

    def __init__(self, extractor: str = "") -> None:
        if extractor:
            self.extractor = extractor
