"""The local statistics behind SSIM and MS-SSIM, on float32 luma at the scale of 8 bits.

Window and constants are libvmaf's (after Wang et al. 2004): 11 x 11 Gaussian, sigma 1.5, at all
positions where it lies within the picture, K1 0.01, K2 0.03, L 255.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.paired.per_frame import scratch

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


@dataclass(frozen=True, slots=True)
class Means:
    """Averages over the picture.

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


def terms(ours: Plane, theirs: Plane, *, luminance: bool) -> Means:
    """Return the mean of each term of structural similarity; luminance 1 where not wanted."""
    sums = np.zeros(3)
    for a, b in _bands(ours, theirs):
        sums += _terms_of_band(a, b, luminance=luminance)
    means = sums / _positions(ours)
    return Means(float(means[0]) if luminance else 1.0, float(means[1]), float(means[2]))


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
    # What is flat in both has no covariance: only rounding makes it fall below this bound.
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
    # Whole rows are quicker to work on; the columns at the sides are left out of the sums.
    return whole[_MARGIN:-_MARGIN]


def _sum(plane: Plane) -> float:
    import cv2

    # OpenCV adds up in float64.
    return float(cv2.sumElems(plane[:, _MARGIN:-_MARGIN])[0])
