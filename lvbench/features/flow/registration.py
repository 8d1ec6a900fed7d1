"""The affine map between two pictures of one plane, found from the pictures themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.warp import Float

Matrix = NDArray[np.float64]
"""Affine map of pixels `(x, y)`, float64 `(2, 3)`."""

_FEWEST = 64  # Points below which seven numbers are not fitted.
_RIDGE = 1e-3
_LEAST_SCALE = 0.3  # Grey levels: errors below it are coding and rounding.
_CONVERGED = 0.01  # Pixels.
_LARGEST_ZOOM = 2.0
_ROUNDS_ALONE, _ROUNDS_GUESSED, _ROUNDS_FINE = 6, 2, 3

IDENTITY: Matrix = np.eye(2, 3)
IDENTITY.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Structure:
    """Hold what registration reads of a picture, at two scales.

    Attributes:
        fine: Band-passed luma and its derivatives along x and y, float32 `(3, h, w)`.
        coarse: The same of a coarser band at half the size.
    """

    fine: Float
    coarse: Float


def structure(luma: Float, sigmas: tuple[float, float]) -> Structure:
    """Return the structure of a picture between two scales.

    Args:
        luma: Grey levels, float32 `(h, w)`.
        sigmas: Standard deviations of the Gaussians whose difference is the fine band, pixels.
    """
    import cv2

    low, high = sigmas
    height, width = luma.shape
    half = (max(1, width // 2), max(1, height // 2))
    reduced: Any = cv2.resize(luma, half, interpolation=cv2.INTER_AREA)
    fine = blurred(luma, low) - blurred(luma, high)
    coarse = blurred(reduced, 0.8 * low) - blurred(reduced, high)
    return Structure(_with_slopes(fine), _with_slopes(coarse))


def blurred(picture: Float, sigma: float) -> Float:
    """Return a picture smoothed by a Gaussian of `sigma` pixels."""
    import cv2

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def register(first: Structure, second: Structure, guess: Matrix | None = None) -> Matrix:
    """Return the map from points of `first` to those of `second`; identity if none fits better.

    Robust Gauss-Newton (Geman and McClure's weights) on the band-passed pictures with a free
    gain, so that neither a change of light nor what moves alone takes part.

    Args:
        first: The picture on whose grid the map is.
        second: The picture that it leads to.
        guess: A map to begin with; by default the shift of the phase correlation.

    Source: Baker and Matthews, Lucas-Kanade 20 years on, IJCV 56(3), 2004.
    """
    size = first.fine.shape[1:]
    begin = [IDENTITY, _shift(first, second)] if guess is None else [IDENTITY, guess]
    costs = [_cost(first.coarse, second.coarse, _at_half(matrix)) for matrix in begin]
    best = _parameters(begin[int(np.argmin(costs))], size)
    rounds = _ROUNDS_ALONE if guess is None else _ROUNDS_GUESSED
    best = 2 * _refined(first.coarse, second.coarse, best / 2, rounds, 2)
    found = _matrix(_refined(first.fine, second.fine, best, _ROUNDS_FINE, 2), size)
    zoom = np.linalg.svd(found[:, :2], compute_uv=False)
    sensible = zoom.min() > 1 / _LARGEST_ZOOM and zoom.max() < _LARGEST_ZOOM
    if sensible and _cost(first.fine, second.fine, found) < _cost(
        first.fine, second.fine, IDENTITY
    ):
        return found
    return IDENTITY


def chained(first: Matrix, second: Matrix) -> Matrix:
    """Return the map that does `first`, then `second`."""
    linear = second[:, :2] @ first
    linear[:, 2] += second[:, 2]
    return linear


def inverse(matrix: Matrix) -> Matrix:
    """Return the map back."""
    import cv2

    return np.asarray(cv2.invertAffineTransform(matrix))


def moved(picture: Float, matrix: Matrix, step: int = 1) -> Float:
    """Return `picture` at the points that `matrix` leads to, NaN outside of it.

    Args:
        picture: Float32 `(h, w)` or `(h, w, c)`.
        matrix: The map.
        step: Take every `step`-th row and column of the result.
    """
    import cv2

    height, width = picture.shape[:2]
    out: Any = cv2.warpAffine(
        picture,
        matrix * [step, step, 1],
        (-(-width // step), -(-height // step)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(np.nan,) * 4,
    )
    return np.asarray(out)


def _with_slopes(band: Float) -> Float:
    import cv2

    x: Any = cv2.Sobel(band, cv2.CV_32F, 1, 0, scale=1 / 8)
    y: Any = cv2.Sobel(band, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.stack([band, x, y])


def _shift(first: Structure, second: Structure) -> Matrix:
    """Return the translation at which the phases of the coarse bands agree."""
    import cv2

    # Copies: OpenCV applies the window in place.
    a, b = first.coarse[0].copy(), second.coarse[0].copy()
    if min(a.shape) < 4:
        return IDENTITY
    (x, y), _ = cv2.phaseCorrelate(a, b, _window(*a.shape))
    return np.array([[1.0, 0.0, 2 * x], [0.0, 1.0, 2 * y]])


@lru_cache(maxsize=4)
def _window(height: int, width: int) -> Any:
    import cv2

    return cv2.createHanningWindow((width, height), cv2.CV_32F)


@lru_cache(maxsize=8)
def _grid(height: int, width: int, step: int) -> tuple[Float, Float]:
    """Return `x, y` of every `step`-th pixel from the centre, in half of the longer side."""
    y, x = np.mgrid[:height:step, :width:step].astype(np.float32)
    half = max(height, width) / 2
    return (x - (width - 1) / 2) / half, (y - (height - 1) / 2) / half


def _refined(
    first: Float, second: Float, parameters: NDArray[np.float64], rounds: int, step: int
) -> NDArray[np.float64]:
    size = first.shape[1:]
    x, y = (axis.ravel() for axis in _grid(*size, step))
    target = first[0, ::step, ::step].ravel()
    for _ in range(rounds):
        matrix = _matrix(parameters, size)
        value, right, down = (moved(plane, matrix, step).ravel() for plane in second)
        seen = np.isfinite(value)
        if seen.sum() < _FEWEST:
            return parameters
        for plane in (value, right, down):
            plane[~seen] = 0
        design = np.stack([right, right * x, right * y, down, down * x, down * y, value])
        error = target - value
        scale = 2 * max(_LEAST_SCALE, _quantile(np.abs(error[seen]), 0.5))
        weight = seen / np.square(1 + np.square(error / scale))
        weighted = design * weight
        normal = (weighted @ design.T).astype(np.float64)
        normal[np.diag_indices(7)] += _RIDGE * np.trace(normal) / 7 + 1e-9
        change = np.linalg.solve(normal, (weighted @ error).astype(np.float64))
        # The last is the gain; slopes grow with it.
        parameters = parameters + change[:6] / max(0.3, 1 + change[6])
        if np.abs(change[:6]).max() < _CONVERGED:
            break
    return parameters


def _cost(first: Float, second: Float, matrix: Matrix) -> float:
    """Return the difference that 60 % of the common picture are below; infinite if it is small."""
    error = np.abs(first[0, ::2, ::2] - moved(second[0], matrix, 2))
    seen = error[np.isfinite(error)]
    return _quantile(seen, 0.6) if len(seen) > error.size / 4 else np.inf


def _quantile(values: Float, share: float) -> float:
    """Return a quantile without interpolation: numpy's own costs as much as the rest."""
    place = int(share * (len(values) - 1))
    return float(np.partition(values, place)[place])


def _at_half(matrix: Matrix) -> Matrix:
    """Return the map on a grid of half the size."""
    return matrix * [1.0, 1.0, 0.5]


def _matrix(parameters: NDArray[np.float64], size: tuple[int, ...]) -> Matrix:
    """Return the map of the motions `(dx, dx/x, dx/y, dy, dy/x, dy/y)`, pixels."""
    height, width = size
    half, centre = max(size) / 2, np.array([(width - 1) / 2, (height - 1) / 2])
    motion = parameters.reshape(2, 3)
    linear = np.eye(2) + motion[:, 1:] / half
    return np.column_stack([linear, centre + motion[:, 0] - linear @ centre])


def _parameters(matrix: Matrix, size: tuple[int, ...]) -> NDArray[np.float64]:
    height, width = size
    half, centre = max(size) / 2, np.array([(width - 1) / 2, (height - 1) / 2])
    slopes = (matrix[:, :2] - np.eye(2)) * half
    shift = matrix[:, :2] @ centre + matrix[:, 2] - centre
    return np.column_stack([shift, slopes]).ravel()
