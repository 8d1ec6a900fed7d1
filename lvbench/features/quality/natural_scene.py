"""Statistics of natural scenes: normalised luma and the asymmetric Gaussians fitted to it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_KERNEL, _SIGMA = 7, 7 / 6
PATCH = 96
"""Pixels of a patch's side on the full scale of NIQE."""


class Fit(NamedTuple):
    """Parameters of asymmetric generalised Gaussians, each of one shape.

    Attributes:
        shape: 0.2 to 10; 2 is a Gaussian.
        left: Root mean square of the negative values.
        right: The same of the others.
    """

    shape: Floats
    left: Floats
    right: Floats


def normalised(image: Floats, constant: float, *, replicate: bool) -> Floats:
    """Return luma less its local mean, over its local deviation (MSCN), float64 `(h, w)`.

    Args:
        image: Luma, float64 `(h, w)`.
        constant: Added to the deviation.
        replicate: Repeat the border's pixels outside the picture; else there is black.
    """
    import cv2

    kernel = cv2.getGaussianKernel(_KERNEL, _SIGMA)
    border = cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT
    mean, square = (
        cv2.sepFilter2D(x, cv2.CV_64F, kernel, kernel, borderType=border)
        for x in (image, image * image)
    )
    deviation = np.sqrt(np.maximum(square - mean * mean, 0.0))
    return np.asarray((image - mean) / (deviation + constant))


@cache
def _shapes() -> tuple[Floats, Floats]:
    """Return the shapes that are tried and the moment ratio of each, both rising."""
    from scipy.special import gamma

    shapes = np.arange(0.2, 10, 0.001)
    return shapes, gamma(2 / shapes) ** 2 / (gamma(1 / shapes) * gamma(3 / shapes))


def fit(values: Floats, *, zero_counts_right: bool) -> Fit:
    """Fit asymmetric generalised Gaussians by moments, one to each `(..., h, w)`.

    Where there is nothing to fit (all zero) the shape is the smallest, as in scikit-video.

    Source: Lasmar, Stitou and Berthoumieu, Multiscale skewed heavy tailed model for texture
    analysis, ICIP 2009.
    """
    shapes, ratios = _shapes()
    flat = values.reshape(*values.shape[:-2], -1)
    count, negative = flat.shape[-1], np.minimum(flat, 0)
    below = np.count_nonzero(negative, axis=-1)
    above = count - below if zero_counts_right else np.count_nonzero(flat, axis=-1) - below
    total, lower = (np.einsum("...i,...i", side, side) for side in (flat, negative))
    upper = np.where(above, total - lower, 0)
    left, right = (
        np.sqrt(energy / np.maximum(number, 1))
        for energy, number in ((lower, below), (upper, above))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        g = left / right
        size = (flat.sum(-1) - 2 * negative.sum(-1)) / count
        ratio = size**2 / (total / count)
        wanted = ratio * (g**3 + 1) * (g + 1) / (g**2 + 1) ** 2
    after = np.searchsorted(ratios, wanted).clip(1, len(ratios) - 1)
    nearest = np.where(wanted - ratios[after - 1] <= ratios[after] - wanted, after - 1, after)
    return Fit(shapes[np.where(np.isfinite(wanted), nearest, 0)], left, right)


def scales(found: Fit) -> tuple[Floats, Floats, Floats]:
    """Return mean, left scale and right scale of fitted Gaussians."""
    from scipy.special import gamma

    one, two, three = (gamma(k / found.shape) for k in (1, 2, 3))
    left, right = (np.sqrt(one / three) * side for side in (found.left, found.right))
    return (right - left) * two / one, left, right


def brisque_features(luma: NDArray[np.uint8]) -> Floats:
    """Return BRISQUE's 36 features of a picture, float64 `(36,)`.

    Source: Mittal, Moorthy and Bovik, TIP 21(12), 2012; conventions of OpenCV's quality module.
    """
    import cv2

    picture = (luma * np.float32(1 / 255)).astype(np.float32)
    height, width = luma.shape
    half = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_CUBIC)
    row: list[float] = []
    for image in (picture, half):
        field = normalised(image.astype(np.float64), 1 / 255, replicate=True)
        alone = fit(field, zero_counts_right=False)
        row += [float(alone.shape), float(alone.left**2 + alone.right**2) / 2]
        for down, right in ((0, 1), (1, 0), (1, 1), (-1, 1)):
            found = fit(field * _shifted(field, down, right), zero_counts_right=False)
            mean = float(scales(found)[0])
            row += [float(found.shape), mean, float(found.left**2), float(found.right**2)]
    return np.asarray(row, np.float64)


def _shifted(field: Floats, down: int, right: int) -> Floats:
    """Return the neighbour of each pixel, 0 outside the picture."""
    height, width = field.shape
    padded = np.pad(field, 1)
    return padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]


def niqe_features(luma: NDArray[np.uint8]) -> Floats:
    """Return NIQE's 36 features of every patch of 96 x 96 pixels, float64 `(n, 36)`.

    Rows and columns that do not fill a patch are cut off at the bottom and the right.

    Source: Mittal, Soundararajan and Bovik, SPL 20(3), 2013; conventions of scikit-video 1.1, but
    for the diagonals' right scale: there the left one is in its place, but not in the model of
    pristine pictures.
    """
    from PIL import Image

    height, width = (side // PATCH * PATCH for side in luma.shape)
    picture = luma[:height, :width].astype(np.float32)
    half = Image.fromarray(picture).resize((width // 2, height // 2), Image.Resampling.BICUBIC)
    rows = []
    for image, side in ((picture, PATCH), (np.asarray(half), PATCH // 2)):
        field = normalised(image.astype(np.float64), 1.0, replicate=False)
        patches = field.reshape(height // PATCH, side, width // PATCH, side).swapaxes(1, 2)
        rows.append(_patch_features(patches.reshape(-1, side, side)))
    return np.concatenate(rows, axis=1)


def _patch_features(patches: Floats) -> Floats:
    """Return the 18 features of one scale, `(n, 18)`; pairs wrap around a patch's border."""
    alone = fit(patches, zero_counts_right=True)
    _, left, right = scales(alone)
    columns = [alone.shape, (left + right) / 2]
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        neighbour = np.roll(patches, (down, across), axis=(1, 2))
        found = fit(patches * neighbour, zero_counts_right=True)
        mean, left, right = scales(found)
        columns += [found.shape, mean, left, right]
    return np.stack(columns, axis=1)
