"""SSIM and MS-SSIM of every frame to its partner, on float32 luma at the scale of 8 bits.

Window and constants are libvmaf's (after Wang et al. 2004): 11 x 11 Gaussian, sigma 1.5, at all
positions within the picture, K1 0.01, K2 0.03, L 255.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec
from lvbench.features.paired.per_frame import PerFrame, depth, luma_of_pair, refuse_small, scratch
from lvbench.video.frames import Frames, Products

Plane = NDArray[np.float32]

SIDE = 11
_MARGIN = SIDE // 2
# libvmaf's digits: the exact Gaussian moves SSIM by 1e-5.
_HALF = (0.001028, 0.007599, 0.036001, 0.109361, 0.213006)
_WINDOW = np.array([*_HALF, 0.266012, *_HALF[::-1]], np.float32)
_C1, _C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
_C3 = _C2 / np.float32(2)
_ZERO: Any = 0.0  # OpenCV takes numbers where its stubs know arrays alone
_BAND_SAMPLES = 1 << 17
DOWNSAMPLING = ("auto", "none")
# Exponents of the scales, fine to coarse; luminance counts at the coarsest alone.
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# Low-pass filter of the 9/7 wavelet, with libvmaf's digits.
_HALF_LOW_PASS = (0.026727, -0.016828, -0.078201, 0.266846)
_LOW_PASS = np.array([*_HALF_LOW_PASS, 0.602914, *_HALF_LOW_PASS[::-1]], np.float32)
_BAND_ROWS = 48
SMALLEST = SIDE << (len(_WEIGHTS) - 1)
"""Pixels of the shorter side: the window must fit in the coarsest scale."""


class PairedSsim(PerFrame):
    """Measure SSIM of the Y plane as libvmaf's `float_ssim` does.

    Values, float64 `(n,)`:
        ssim: Mean over the picture, 1 for identical frames.
        factor: Reduction of the picture before.
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
    """Return the factor by which SSIM's authors reduce a picture first: 3 for 720 lines."""
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


@dataclass(frozen=True, slots=True)
class SsimTerms:
    """Mean terms of structural similarity over the picture.

    Attributes:
        luminance: Of the luminance term.
        contrast: Of the contrast term.
        structure: Of the structure term.
    """

    luminance: float
    contrast: float
    structure: float


def similarity(ours: Plane, theirs: Plane) -> float:
    """Return the mean structural similarity of two planes of one size."""
    total = sum(_similarity_of_band(a, b) for a, b in _bands(ours, theirs))
    # Rounding alone leads above 1.
    return min(1.0, total / _positions(ours))


def terms(ours: Plane, theirs: Plane, *, luminance: bool) -> SsimTerms:
    """Return the mean of each term of structural similarity; luminance 1 where not requested."""
    sums = np.zeros(3)
    for a, b in _bands(ours, theirs):
        sums += _terms_of_band(a, b, luminance=luminance)
    means = sums / _positions(ours)
    return SsimTerms(float(means[0]) if luminance else 1.0, float(means[1]), float(means[2]))


def _similarity_of_band(a: Plane, b: Plane) -> float:
    import cv2

    mean_a, mean_b = _blurred("mean a", a), _blurred("mean b", b)
    covariance = _blurred("covariance", np.multiply(a, b, out=scratch("product", a.shape)))
    # Variances only appear as their sum, which one blur gives.
    energy = np.multiply(a, a, out=scratch("product", a.shape))
    energy += np.multiply(b, b, out=scratch("square", a.shape))
    energy = _blurred("energy", energy)
    product = np.multiply(mean_a, mean_b, out=scratch("means", mean_a.shape))
    squares = np.multiply(mean_a, mean_a, out=mean_a)
    squares += np.multiply(mean_b, mean_b, out=mean_b)
    covariance -= product
    energy -= squares
    cv2.max(energy, _ZERO, dst=energy)
    value = _ratio(product, squares, _C1)
    value *= _ratio(covariance, energy, _C2)
    return _sum(value)


def _terms_of_band(a: Plane, b: Plane, *, luminance: bool) -> tuple[float, float, float]:
    import cv2

    mean_a, mean_b = _blurred("mean a", a), _blurred("mean b", b)
    covariance = _blurred("covariance", np.multiply(a, b, out=scratch("product", a.shape)))
    variance_a = _blurred("variance a", np.multiply(a, a, out=scratch("product", a.shape)))
    variance_b = _blurred("variance b", np.multiply(b, b, out=scratch("product", a.shape)))
    product = np.multiply(mean_a, mean_b, out=scratch("means", mean_a.shape))
    covariance -= product
    variance_a -= np.multiply(mean_a, mean_a, out=mean_a)
    variance_b -= np.multiply(mean_b, mean_b, out=mean_b)
    for variance in (variance_a, variance_b):
        cv2.max(variance, _ZERO, dst=variance)
    lightness = _sum(_ratio(product, np.add(mean_a, mean_b, out=mean_a), _C1)) if luminance else 0.0
    deviations = np.multiply(variance_a, variance_b, out=mean_b)
    cv2.sqrt(deviations, dst=deviations)
    # Flat areas of both have no covariance: only rounding makes it fall below this bound.
    cv2.max(covariance, np.negative(deviations, out=product), dst=covariance)
    covariance += _C3
    covariance /= np.add(deviations, _C3, out=product)
    both = np.add(variance_a, variance_b, out=variance_a)
    return lightness, _sum(_ratio(deviations, both, _C2)), _sum(covariance)


def _ratio(above: Plane, below: Plane, constant: np.float32) -> Plane:
    """Return `(2 * above + constant) / (below + constant)` in the place of `above`."""
    above *= np.float32(2)
    above += constant
    below += constant
    above /= below
    return above


def _bands(ours: Plane, theirs: Plane) -> Iterator[tuple[Plane, Plane]]:
    """Yield both planes in bands that stay in the cache, with the rows that windows reach."""
    height, width = ours.shape
    rows = max(16, _BAND_SAMPLES // width)
    for top in range(0, height - SIDE + 1, rows):
        band = slice(top, min(top + rows + SIDE - 1, height))
        yield ours[band], theirs[band]


def _positions(plane: Plane) -> int:
    height, width = plane.shape
    return int((height - SIDE + 1) * (width - SIDE + 1))


def _blurred(name: str, plane: Plane) -> Plane:
    import cv2

    whole = scratch(name, plane.shape)
    cv2.sepFilter2D(plane, cv2.CV_32F, _WINDOW, _WINDOW, dst=whole)
    # Complete rows are faster to work on; the columns at the sides are left out of the sums.
    return whole[_MARGIN:-_MARGIN]


def _sum(plane: Plane) -> float:
    import cv2

    # OpenCV adds up in float64.
    return float(cv2.sumElems(plane[:, _MARGIN:-_MARGIN])[0])
