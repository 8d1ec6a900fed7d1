"""How much of the structure of the paired real video is there, from fine to coarse?"""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, quality_infos


class MsSsim(FrameQuality):
    """Average the multi-scale structural similarity of luma over frames."""

    info = MetricInfo(
        name="ms_ssim",
        version=1,
        headline=ScoreInfo("MS-SSIM", "", True),
        components=quality_infos("MS-SSIM", "", True),
        needs=("paired_ms_ssim",),
        range=(0.0, 1.0),
        group="paired",
        series={"ms_ssim": "", PER_FRAME: ""},
        cites=("wang2003msssim",),
        tolerance=1e-5,
    )
    columns = ("ms_ssim", "bits")

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        return (
            f"luma as coded ({state['bits'][0]:g} bits) on the scale of 8 bits, at full size, "
            "5 scales, Gaussian window 11x11 (sigma 1.5) inside the picture, mean over frames"
        )
