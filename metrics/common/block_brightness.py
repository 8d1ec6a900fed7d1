"""How much brighter is each block of a frame than its neighbours in time say it should be?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Variance of the gradient that displacement needs to be told from brightness, levels squared.
_RIDGE = np.float32(1.0)


@dataclass(frozen=True, slots=True)
class BrightnessChange:
    """Per block: change towards each neighbour, its scatter, and how much could be followed.

    Attributes:
        change: One array per neighbour, luma levels.
        variance: Mean over neighbours of the variance that the fit leaves, levels squared.
        tracked: Fraction of the block's pixels that were used.
    """

    change: list[NDArray[np.float32]]
    variance: NDArray[np.float32]
    tracked: NDArray[np.float32]


def brightness_change(
    gray: NDArray[np.float32],
    residuals: Sequence[NDArray[np.float32]],
    mask: NDArray[np.bool_],
    block: int,
) -> BrightnessChange:
    """Fit `residual = change + gradient . displacement` in every block by least squares.

    The displacement takes up what a slightly wrong flow does to the residual; only what it cannot
    explain counts as a change of brightness (Negahdaripour, Revised definition of optical flow,
    PAMI 1998, without the multiplier).

    Args:
        gray: Luma of the frame, `(h, w)`.
        residuals: The frame minus each warped neighbour, `(h, w)` each.
        mask: Pixels to use, `(h, w)`.
        block: Side of a block in pixels; rows and columns that fill no block are left out evenly.
    """
    import cv2

    used = mask.astype(np.float32)
    tracked = block_mean(used, block)
    count = np.maximum(tracked, np.float32(1e-6))

    def mean(x: NDArray[Any]) -> NDArray[Any]:
        out: NDArray[Any] = block_mean(x * used, block) / count
        return out

    dx = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8)
    mx, my = mean(dx), mean(dy)
    xx, yy = mean(dx * dx) - mx * mx + _RIDGE, mean(dy * dy) - my * my + _RIDGE
    xy = mean(dx * dy) - mx * my
    determinant = xx * yy - xy * xy
    changes, variance = [], np.zeros_like(tracked)
    for residual in residuals:
        level = mean(residual)
        xr, yr = mean(dx * residual) - mx * level, mean(dy * residual) - my * level
        shift_x = (yy * xr - xy * yr) / determinant
        shift_y = (xx * yr - xy * xr) / determinant
        changes.append(level - mx * shift_x - my * shift_y)
        spread = mean(residual * residual) - level * level
        variance += np.maximum(spread - xr * shift_x - yr * shift_y, 0)
    return BrightnessChange(changes, variance / np.float32(len(residuals)), tracked)


def block_mean(x: NDArray[Any], block: int) -> NDArray[np.float32]:
    """Return the mean of float32 `x` in every block; what fills no block is left out evenly."""
    import cv2

    height, width = x.shape
    rows, columns = max(1, height // block), max(1, width // block)
    top = max(0, height - rows * block) // 2
    left = max(0, width - columns * block) // 2
    inner = x[top : top + rows * block, left : left + columns * block]
    out: NDArray[Any] = cv2.resize(inner, (columns, rows), interpolation=cv2.INTER_AREA)
    return out
