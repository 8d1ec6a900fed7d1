"""Structural similarity of every frame to its partner."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import VideoDecodeError
from lvbench.features.base import Arrays, ExtractorSpec
from lvbench.features.paired.per_frame import PerFrame, depth, luma_of_pair
from lvbench.features.paired.ssim_maps import SIDE, similarity
from lvbench.video.frames import Frames, Products

DOWNSAMPLING = ("auto", "none")


class PairedSsim(PerFrame):
    """Measure SSIM of the Y plane as libvmaf's `float_ssim` does.

    Values, float64 `(n,)`:
        ssim: Mean over the picture, 1 for identical frames.
        factor: By how much the picture was made smaller before.
        bits: Bits at which the frames are coded; levels are brought to the scale of 8.

    Args:
        downsampling: `auto`: box-averaged by the shorter side over 256, rounded, as the authors
            of SSIM suggest and libvmaf does; `none`: at full size, as Wang et al. 2004 define it.

    Source: Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004; libvmaf's ssim.c.
    """

    def __init__(self, downsampling: str = "auto") -> None:
        if downsampling not in DOWNSAMPLING:
            raise ValueError(f"downsampling is '{downsampling}', not {' or '.join(DOWNSAMPLING)}")
        self.spec = ExtractorSpec(
            "paired_ssim",
            1,
            Products(planes=True, reference=True),
            preprocessing="luma-as-coded",
            batch=1,
            parameters={"downsampling": downsampling},
        )
        self._downsampling = downsampling

    def __call__(self, frames: Frames) -> Arrays:
        """Return the similarity of a block of frames to their partners."""
        assert frames.planes is not None
        height, width = frames.planes.y.shape[1:]
        factor = 1 if self._downsampling == "none" else factor_for(height, width)
        refuse_small(height // factor, width // factor, SIDE, "SSIM")

        def one(index: int) -> float:
            return similarity(*luma_of_pair(frames, index, partial(smaller, factor=factor)))

        values = np.asarray([one(i) for i in range(len(frames))], np.float64)
        return {
            "ssim": values,
            "factor": np.full(len(frames), float(factor)),
            "bits": depth(frames),
        }


def factor_for(height: int, width: int) -> int:
    """Return by how much SSIM's authors make a picture smaller first: 3 for 720 lines."""
    return max(1, int(min(height, width) / 256 + 0.5))


def smaller(plane: NDArray[Any], factor: int) -> NDArray[Any]:
    """Return the plane averaged over `factor` x `factor` levels, each `factor`-th position."""
    if factor == 1:
        return plane
    import cv2

    middle = factor // 2
    mean = cv2.boxFilter(
        plane, cv2.CV_32F, (factor, factor), anchor=(middle, middle), borderType=cv2.BORDER_REFLECT
    )
    # An odd side keeps its last position, as in libvmaf.
    rows, columns = (side // factor + side % 2 for side in plane.shape)
    return mean[::factor, ::factor][:rows, :columns]


def refuse_small(height: int, width: int, least: int, what: str) -> None:
    """Refuse a picture that a measure's windows do not fit in.

    Raises:
        VideoDecodeError: Code `too_small`, with which the score is not applicable.
    """
    if min(height, width) < least:
        raise VideoDecodeError(
            f"measure {what}",
            found=f"a picture of {width}x{height} pixels, {what} needs {least} on each side",
            where="the frames of the pair",
            fix=f"leave {what} out for videos of that size",
            code="too_small",
        )
