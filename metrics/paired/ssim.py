"""How much of the local structure of the paired real video is there?"""

from __future__ import annotations

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, quality_infos
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class Ssim(FrameQuality):
    """Average the structural similarity of luma over frames."""

    info = MetricInfo(
        name="ssim",
        version=1,
        headline=ScoreInfo("SSIM", "", True),
        components=quality_infos("SSIM", "", True),
        needs=("paired_ssim",),
        range=(-1.0, 1.0),
        group="paired",
        series={"ssim": "", PER_FRAME: ""},
        reference="Wang et al., IEEE TIP 13(4), 2004; libvmaf: float_ssim",
        citation=(
            "@article{wang2004ssim, title={Image Quality Assessment: From Error Visibility to "
            "Structural Similarity}, author={Wang, Zhou and Bovik, Alan C. and Sheikh, Hamid R. "
            "and Simoncelli, Eero P.}, journal={IEEE Transactions on Image Processing}, "
            "volume={13}, number={4}, year={2004}}"
        ),
        tolerance=1e-5,
    )
    columns = ("ssim", "factor", "bits")

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        factor = int(state["factor"][0])
        size = f"box-averaged by {factor}" if factor > 1 else "at full size"
        return (
            f"luma as coded ({state['bits'][0]:g} bits) on the scale of 8 bits, {size}, "
            "Gaussian window 11x11 (sigma 1.5) inside the picture, mean over frames"
        )


def ssim(
    reference: Clip,
    video: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
    downsampling: str = "auto",
) -> ItemScore:
    """Return the SSIM of one clip to its reference, both `uint8 (T, H, W, 3)` RGB.

    Args:
        reference: The real video.
        video: The video that is judged.
        fps: Frames per second.
        segment_seconds: Length of a segment.
        downsampling: `auto`: box-averaged first, as libvmaf does; `none`: at full size.
    """
    from lvbench.features.registry import build

    return score_array(
        Ssim(),
        video,
        fps=fps,
        segment_seconds=segment_seconds,
        reference=reference,
        extractors={"paired_ssim": build("paired_ssim", {"downsampling": downsampling})},
    )
