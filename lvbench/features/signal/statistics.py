"""Statistics of single frames, and of pairs: luma, CIELAB colour, difference of RGB."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products


class LumaStatistics(Extractor):
    """Measure lightness, clipping and contrast of every frame.

    Values, float64 `(n,)`:
        lightness: Mean CIELAB L* in 0..100, luma taken as a BT.709/sRGB-coded grey.
        clipped_low, clipped_high: Fraction of pixels within `margin` levels of black or white.
        contrast: Variance of luma, in squared levels.
        mean: Mean luma, in levels.

    Args:
        margin: Levels next to 0 and 255 that count as clipped; decoders ring by one or two.
    """

    def __init__(self, margin: int = 2) -> None:
        self.spec = ExtractorSpec(
            "luma_statistics",
            1,
            Products(luma=True),
            preprocessing="luma-full-range",
            parameters={"margin": margin},
        )
        self._margin = margin
        self._lightness = lightness(np.arange(256))

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic per frame."""
        import cv2

        assert frames.luma is not None
        levels = np.arange(256, dtype=np.float64)
        rows = []
        for luma in frames.luma:
            histogram = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel().astype(np.float64)
            share = histogram / luma.size
            mean = share @ levels
            rows.append(
                (
                    share @ self._lightness,
                    share[: self._margin + 1].sum(),
                    share[255 - self._margin :].sum(),
                    share @ (levels - mean) ** 2,
                    mean,
                )
            )
        names = ("lightness", "clipped_low", "clipped_high", "contrast", "mean")
        return dict(zip(names, np.asarray(rows, np.float64).T, strict=True))


def lightness(level: ArrayLike) -> NDArray[np.float64]:
    """Return CIELAB L* of grey levels of 0..255 (IEC 61966-2-1 decoding, CIE 15:2004 L*)."""
    code = np.asarray(level, np.float64) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    cube_root = np.where(linear > 216 / 24389, np.cbrt(linear), (24389 / 27 * linear + 16) / 116)
    found: NDArray[np.float64] = 116 * cube_root - 16
    return found


class LabStatistics(Extractor):
    """Measure the mean colour of every frame in CIELAB (D65).

    Values, float64 `(n,)`: `mean_L` in 0..100, `mean_a`, `mean_b`, and `chroma`, the mean over
    pixels of sqrt(a^2 + b^2).

    Args:
        size: Longest side of the small RGB picture that is measured.
    """

    def __init__(self, size: int = 256) -> None:
        self.spec = ExtractorSpec(
            "lab_statistics",
            1,
            Products(small=size),
            preprocessing=f"rgb-swscale-bilinear-{size}",
            parameters={"size": size},
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic per frame."""
        import cv2

        assert frames.small is not None
        rows = []
        for rgb in frames.small:
            lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
            a, b = lab[:, :, 1], lab[:, :, 2]
            # cv2.magnitude rounds by the place of its result in memory: other bits each time.
            chroma = np.sqrt(a * a + b * b)
            rows.append((*cv2.mean(lab)[:3], cv2.mean(chroma)[0]))
        names = ("mean_L", "mean_a", "mean_b", "chroma")
        return dict(zip(names, np.asarray(rows, np.float64).T, strict=True))


class RgbDifference(Extractor):
    """Compute the mean absolute difference of consecutive full-resolution RGB frames.

    Arrays for `n` pairs:
        mean_absolute: float64 `(n,)`, levels of 0..255, over all pixels and channels.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            name="rgb_difference",
            version=1,
            products=Products(rgb=True),
            preprocessing="rgb-full",
            sampling="pairs",
            coded=True,
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of `frames`, which hold full-resolution RGB."""
        import cv2

        assert frames.rgb is not None
        rgb = frames.rgb
        # The sum of bytes is a whole number, so its order cannot move the mean.
        sums = [cv2.norm(a, b, cv2.NORM_L1) for a, b in pairwise(rgb)]
        return {"mean_absolute": np.asarray(sums, np.float64) / rgb[0].size}
