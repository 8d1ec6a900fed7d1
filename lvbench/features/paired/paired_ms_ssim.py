"""Multi-scale structural similarity of every frame to its partner."""

from __future__ import annotations

import numpy as np

from lvbench.features.base import Arrays, ExtractorSpec
from lvbench.features.paired.paired_ssim import refuse_small
from lvbench.features.paired.per_frame import PerFrame, depth, luma_of_pair, scratch
from lvbench.features.paired.ssim_maps import SIDE, Plane, terms
from lvbench.video.frames import Frames, Products

# Exponents of the scales, fine to coarse; luminance counts at the coarsest alone.
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# Low-pass filter of the 9/7 wavelet, with libvmaf's digits.
_HALF = (0.026727, -0.016828, -0.078201, 0.266846)
_LOW_PASS = np.array([*_HALF, 0.602914, *_HALF[::-1]], np.float32)
_BAND_ROWS = 48
SMALLEST = SIDE << (len(_WEIGHTS) - 1)
"""Pixels of the shorter side: the window must fit in the coarsest scale."""


class PairedMsSsim(PerFrame):
    """Measure MS-SSIM of the Y plane as libvmaf's `float_ms_ssim` does, at full size.

    Values, float64 `(n,)`:
        ms_ssim: 1 for identical frames. Terms are averaged over the picture at each of five
            scales, then raised and multiplied; a negative mean of structure counts as 0.
        bits: Bits at which the frames are coded; levels are brought to the scale of 8.

    Source: Wang, Simoncelli, Bovik, Asilomar 2003; libvmaf's ms_ssim.c, which averages contrast
    and structure apart.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            "paired_ms_ssim",
            1,
            Products(planes=True, reference=True),
            preprocessing="luma-as-coded",
            batch=1,
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the similarity of a block of frames to their partners."""
        assert frames.planes is not None
        height, width = frames.planes.y.shape[1:]
        refuse_small(height, width, SMALLEST, "MS-SSIM")

        def one(index: int) -> float:
            return _multi_scale(*luma_of_pair(frames, index))

        values = np.asarray([one(i) for i in range(len(frames))], np.float64)
        return {"ms_ssim": values, "bits": depth(frames)}


def _multi_scale(ours: Plane, theirs: Plane) -> float:
    value = 1.0
    for scale, weight in enumerate(_WEIGHTS):
        if scale:
            ours, theirs = _halved("ours", ours), _halved("theirs", theirs)
        coarsest = scale == len(_WEIGHTS) - 1
        found = terms(ours, theirs, luminance=coarsest)
        value *= (found.luminance * found.contrast * max(found.structure, 0.0)) ** weight
    return min(1.0, value)  # rounding alone leads above 1


def _halved(name: str, plane: Plane) -> Plane:
    """Return the plane low-passed, each second row and column; in bands that stay in the cache."""
    import cv2

    height, width = plane.shape
    half = scratch(f"{name} {plane.shape}", (-(-height // 2), -(-width // 2)))
    reach = len(_LOW_PASS) // 2
    for first in range(0, len(half), _BAND_ROWS):
        last = min(first + _BAND_ROWS, len(half))
        top, end = max(0, 2 * first - reach), min(height, 2 * last + reach)
        band = plane[top:end]
        smooth = scratch("smooth", band.shape)
        cv2.sepFilter2D(
            band, cv2.CV_32F, _LOW_PASS, _LOW_PASS, dst=smooth, borderType=cv2.BORDER_REFLECT
        )
        half[first:last] = smooth[2 * first - top :: 2, ::2][: last - first]
    return half
