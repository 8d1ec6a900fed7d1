"""How much of the local structure of the paired real video is there?"""

from __future__ import annotations

from typing import Any

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
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
        cites=("wang2004ssim",),
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
    frames: Clip, fps: float, *, original: Clip, downsampling: str = "auto", **inputs: Any
) -> ItemScore:
    """Return the SSIM of one clip to its original, both `uint8 (T, H, W, 3)` RGB.

    Args:
        frames: The clip.
        fps: Frames per second.
        original: The paired real clip.
        downsampling: `auto`: box-averaged first, as libvmaf does; `none`: at full size.
        **inputs: Other fields of `lvbench.metrics.functional.Inputs`.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import ssim
        >>> from lvbench.world.clip import render_clip
        >>> frames = np.concatenate(list(render_clip(1.0, 8.0, 96, 64, 1)))
        >>> ssim(frames, fps=8, original=frames).value
        1.0
    """
    extractors = {"paired_ssim": {"downsampling": downsampling}}
    return score_array(Ssim(), frames, fps, original=original, extractors=extractors, **inputs)
