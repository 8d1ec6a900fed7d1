"""The camera's motion between two frames: the motion of a plane, fitted to most of a flow field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.warp import Float, sample

_STEP = 4  # Every fourth pixel in both directions carries the fit.
_ROUNDS = 20
_FEWEST = 32  # Points below which eight coefficients would be noise.
_NOISE = 0.15  # Pixels: the error of a good flow.
_AS_WELL, _AS_WELL_LEVELS = 1.15, 0.02
_LOOSEST, _TIGHTEST = 8.0, 2.0  # Noise levels within which a point counts, first and last round.


@dataclass(frozen=True, slots=True)
class PlaneMotion:
    """Describe how a plane that fills most of the picture moves from one frame to the next.

    Attributes:
        coefficients: `(8,)`, pixels, of `flow`'s formula.
        size: Height and width of the field in pixels.
    """

    coefficients: NDArray[np.float64]
    size: tuple[int, int]

    def flow(self) -> Float:
        """Return the motion at every pixel, float32 `(h, w, 2)`, pixels `(dx, dy)`.

        With `x, y` from the centre in half diagonals: `dx = c0 + c1 x + c2 y + c6 x^2 + c7 x y`,
        `dy = c3 + c4 x + c5 y + c6 x y + c7 y^2`.
        """
        x, y = _coordinates(self.size, 1)
        field = _design(x.ravel(), y.ravel()) @ self.coefficients
        return field.reshape(2, *self.size).transpose(1, 2, 0).astype(np.float32)

    @property
    def is_still(self) -> bool:
        """Return whether there is no motion at all."""
        return not self.coefficients.any()

    @property
    def translation(self) -> tuple[float, float]:
        """Return the motion of the picture's content at the centre, shares of width and height."""
        height, width = self.size
        return float(self.coefficients[0] / width), float(self.coefficients[3] / height)

    @property
    def zoom(self) -> float:
        """Return the logarithm of the growth of lengths; positive towards the scene."""
        _, b, c, _, e, f, _, _ = self.coefficients / _half_diagonal(self.size)
        return 0.5 * float(np.log(max((1 + b) * (1 + f) - c * e, 1e-3)))

    @property
    def rotation(self) -> float:
        """Return the turn of the content, radians, clockwise on the screen."""
        _, b, c, _, e, f, _, _ = self.coefficients / _half_diagonal(self.size)
        return float(np.arctan2(e - c, 2 + b + f))


def no_motion(height: int, width: int) -> PlaneMotion:
    """Return no motion."""
    return PlaneMotion(np.zeros(8), (height, width))


def smoothed(luma: NDArray[np.uint8]) -> Float:
    """Return luma without its pixel noise, float32, as `choose_camera` compares it."""
    import cv2

    return np.asarray(cv2.GaussianBlur(luma.astype(np.float32), (0, 0), 1.0))


def choose_camera(
    first: Float, second: Float, flow: Float, usable: NDArray[np.bool_]
) -> PlaneMotion:
    """Return the fitted motion, or none where a static camera explains the pictures as well.

    In flat areas flow takes the motion of passing objects, and a fit follows it; two pictures of a
    static camera are equal nearly everywhere but at the subject, whatever the flow.

    Args:
        first: `smoothed` luma in grey levels, float32 `(h, w)`.
        second: The same of the later frame.
        flow: Pixels from the first to the second, float32 `(h, w, 2)`.
        usable: bool `(h, w)`: where the flow can be trusted.
    """
    fitted = fit_camera(flow, usable)
    still = _difference(first, second)
    if still <= _AS_WELL * _difference(first, sample(second, fitted.flow())) + _AS_WELL_LEVELS:
        return no_motion(*first.shape)
    return fitted


def _difference(first: Float, second: Float) -> float:
    """Return the difference in grey levels that three quarters of the picture are below.

    A change of exposure does not count.
    """
    change = (second - first).ravel()[::_STEP]
    return float(np.percentile(np.abs(change - np.median(change)), 75))


def fit_camera(flow: Float, usable: NDArray[np.bool_]) -> PlaneMotion:
    """Fit the instantaneous motion of a plane to the part of a flow field that agrees on one.

    Iteratively reweighted least squares (Geman and McClure's weights) from the median
    translation; the scale shrinks from round to round, so that a second motion loses its weight. It
    finds the motion of the larger part: a subject that fills more than half of the picture is
    taken for the scene. With fewer than 32 usable points the camera counts as static.

    Args:
        flow: Pixels `(dx, dy)`, float32 `(h, w, 2)`.
        usable: bool `(h, w)`: where the flow can be trusted.

    Source: planar motion as in Adiv, Determining three-dimensional motion and structure from
    optical flow, PAMI 7(4), 1985, eq. 13; annealed weights as in Black and Anandan, The robust
    estimation of multiple motions, CVIU 63(1), 1996.
    """
    height, width = flow.shape[:2]
    x, y = _coordinates((height, width), _STEP)
    keep = usable[::_STEP, ::_STEP].ravel()
    target = flow[::_STEP, ::_STEP].reshape(-1, 2)[keep].astype(np.float64)
    if len(target) < _FEWEST:
        return no_motion(height, width)
    coefficients = np.zeros(8)
    coefficients[0], coefficients[3] = np.median(target, axis=0)
    design = _design(x.ravel()[keep], y.ravel()[keep])
    wanted = target.T.ravel()
    for step in range(_ROUNDS):
        error = np.hypot(*(wanted - design @ coefficients).reshape(2, -1))
        looseness = _LOOSEST * (_TIGHTEST / _LOOSEST) ** (step / (_ROUNDS - 1))
        scale = looseness * max(_NOISE, 0.5 * float(np.median(error)))
        weight = np.tile((1 + (error / scale) ** 2) ** -2, 2)
        normal = design.T @ (design * weight[:, None])
        normal[np.diag_indices(8)] += 1e-6 * np.trace(normal)
        pull = 1e-6 * np.trace(normal) * coefficients  # The ridge draws to the current fit.
        coefficients = np.linalg.solve(normal, design.T @ (weight * wanted) + pull)
    return PlaneMotion(coefficients, (height, width))


def _half_diagonal(size: tuple[int, int]) -> float:
    return float(np.hypot(*size)) / 2


def _coordinates(
    size: tuple[int, int], step: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    height, width = size
    y, x = np.mgrid[:height:step, :width:step].astype(np.float64)
    half = _half_diagonal(size)
    return (x - (width - 1) / 2) / half, (y - (height - 1) / 2) / half


def _design(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows of all `dx`, then those of all `dy`."""
    one, none = np.ones_like(x), np.zeros_like(x)
    return np.concatenate(
        [
            np.stack([one, x, y, none, none, none, x * x, x * y], axis=1),
            np.stack([none, none, none, one, x, y, x * y, y * y], axis=1),
        ]
    )
