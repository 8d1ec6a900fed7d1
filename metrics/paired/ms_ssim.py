"""How much of the structure of the paired real video is there, from fine to coarse?"""

from __future__ import annotations

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, quality_infos
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


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
        reference="Wang, Simoncelli, Bovik, Asilomar 2003; libvmaf: float_ms_ssim",
        citation=(
            "@inproceedings{wang2003msssim, title={Multiscale Structural Similarity for Image "
            "Quality Assessment}, author={Wang, Zhou and Simoncelli, Eero P. and Bovik, Alan C.}, "
            "booktitle={Asilomar Conference on Signals, Systems and Computers}, year={2003}}"
        ),
        tolerance=1e-5,
    )
    columns = ("ms_ssim", "bits")

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        return (
            f"luma as coded ({state['bits'][0]:g} bits) on the scale of 8 bits, at full size, "
            "5 scales, Gaussian window 11x11 (sigma 1.5) inside the picture, mean over frames"
        )


def ms_ssim(
    reference: Clip,
    video: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
) -> ItemScore:
    """Return the MS-SSIM of one clip to its reference, both `uint8 (T, H, W, 3)` RGB."""
    return score_array(
        MsSsim(), video, fps=fps, segment_seconds=segment_seconds, reference=reference
    )
