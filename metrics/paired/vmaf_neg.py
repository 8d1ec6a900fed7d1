"""VMAF with nothing gained by sharpening and stretching: the model of no enhancement gain."""

from __future__ import annotations

from dataclasses import replace

from lvbench.metrics.base import ScoreInfo
from lvbench.metrics.common.frame_quality import quality_infos
from lvbench.metrics.paired.vmaf import PARTS, Vmaf


class VmafNeg(Vmaf):
    """Average libvmaf's score of every frame by the model without enhancement gain."""

    info = replace(
        Vmaf.info,
        name="vmaf_neg",
        headline=ScoreInfo("VMAF NEG", "", True),
        components=PARTS | quality_infos("VMAF NEG", "", True),
        needs=("libvmaf_neg",),
        cites=("li2020vmafneg", "vmaf"),
    )
