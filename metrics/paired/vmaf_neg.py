"""VMAF with nothing gained by sharpening and stretching: the model of no enhancement gain."""

from __future__ import annotations

from dataclasses import replace

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import ScoreInfo
from lvbench.metrics.common.frame_quality import quality_infos
from lvbench.metrics.functional import score_array
from lvbench.metrics.paired.vmaf import PARTS, Vmaf
from lvbench.results.schema import ItemScore


class VmafNeg(Vmaf):
    """Average libvmaf's score of every frame by the model without enhancement gain."""

    info = replace(
        Vmaf.info,
        name="vmaf_neg",
        headline=ScoreInfo("VMAF NEG", "", True),
        components=PARTS | quality_infos("VMAF NEG", "", True),
        needs=("libvmaf_neg",),
        reference="Netflix, libvmaf: vmaf_v0.6.1neg",
    )


def vmaf_neg(
    reference: Clip,
    video: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
) -> ItemScore:
    """Return the VMAF NEG of one clip beside its reference, both `uint8 (T, H, W, 3)` RGB."""
    return score_array(
        VmafNeg(), video, fps=fps, segment_seconds=segment_seconds, reference=reference
    )
