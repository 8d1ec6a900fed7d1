"""How far are the levels from those of the paired real video?"""

from __future__ import annotations

from typing import Any

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, mean_parts, quality_infos
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class Psnr(FrameQuality):
    """Average the peak signal-to-noise ratio of luma over frames."""

    info = MetricInfo(
        name="psnr",
        version=1,
        headline=ScoreInfo("PSNR", "dB", True),
        components={
            "of_mean_error": ScoreInfo("PSNR of the mean squared error", "dB", True),
            "u": ScoreInfo("PSNR, Cb", "dB", True),
            "v": ScoreInfo("PSNR, Cr", "dB", True),
            "identical": ScoreInfo("Identical frame fraction", "", None, "mean", (0, 1)),
        }
        | quality_infos("PSNR", "dB", True),
        needs=("paired_psnr",),
        range=(0.0, 108.0),
        group="paired",
        series={"psnr": "dB", PER_FRAME: "dB"},
        cites=("vmaf",),
    )
    columns = ("psnr", "mse", "identical", "psnr_u", "psnr_v", "bits", "rgb")

    def parts(self, state: Collected) -> dict[str, float]:
        """Return the dB of the mean error, those of the chroma planes, and identical frames."""
        from lvbench.features.paired.psnr import to_decibels

        mean = to_decibels(float(state["mse"].mean()), int(state["bits"][0]))
        chroma = mean_parts(state, "psnr_u", "psnr_v")
        named = {name.removeprefix("psnr_"): value for name, value in chroma.items()}
        return {"of_mean_error": float(mean), **named, **mean_parts(state, "identical")}

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        bits = int(state["bits"][0])
        what = "R, G and B together" if state["rgb"].any() else "luma as coded"
        return (
            f"{what}, {bits} bits, peak {2**bits - 1}, mean of per-frame dB, "
            f"each at most {6 * bits + 12} dB"
        )


def psnr(
    frames: Clip, fps: float, *, original: Clip, picture: str = "rgb", **inputs: Any
) -> ItemScore:
    """Return the PSNR of one clip to its original, both `uint8 (T, H, W, 3)` RGB.

    Args:
        frames: The clip.
        fps: Frames per second.
        original: The paired real clip.
        picture: `rgb`: the channels together; `planes`: full-range BT.601 luma, and chroma.
        **inputs: Other fields of `lvbench.metrics.functional.Inputs`.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import psnr
        >>> from lvbench.world.clip import render_clip
        >>> frames = np.concatenate(list(render_clip(1.0, 8.0, 96, 64, 1)))
        >>> psnr(frames, fps=8, original=frames).value
        60.0
    """
    extractors = {"paired_psnr": {"picture": picture}}
    return score_array(Psnr(), frames, fps, original=original, extractors=extractors, **inputs)
