"""Move pictures along optical flow, and find where two flows contradict each other."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


@lru_cache(maxsize=4)
def grid(height: int, width: int) -> Float:
    """Return the `(x, y)` of every pixel, read-only float32 `(height, width, 2)`."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    out = np.stack([x, y], axis=-1)
    out.flags.writeable = False
    return out


def sample(image: NDArray[Any], flow: Float) -> NDArray[Any]:
    """Return `image` at `x + flow(x)`, bilinear, the border replicated.

    Args:
        image: `(h, w)` or `(h, w, c)`, uint8 or float32.
        flow: Pixels `(dx, dy)`, float32 `(h, w, 2)`.
    """
    import cv2

    remap: Any = cv2.remap  # The stubs refuse the None of a map given in one piece.
    where = grid(*flow.shape[:2]) + flow
    out: NDArray[Any] = remap(image, where, None, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    return out


def consistent(flow: Float, inverse: Float) -> NDArray[np.bool_]:
    """Return where `flow` leads into the picture and `inverse` leads back.

    `|f + b(x + f)|^2 < 0.01 (|f|^2 + |b(x + f)|^2) + 0.5` (Sundaram, Brox and Keutzer, Dense
    point trajectories by GPU-accelerated large displacement optical flow, ECCV 2010, eq. 5).

    Args:
        flow: Pixels, float32 `(h, w, 2)`, on the grid of the one frame.
        inverse: The flow back, on the grid of the other frame.

    Returns:
        bool `(h, w)` on the grid of `flow`.
    """
    # Planes, not interleaved pairs, and in place: numpy is several times faster so.
    fx, fy = flow[..., 0].copy(), flow[..., 1].copy()
    back = sample(inverse, flow)
    bx, by = back[..., 0].copy(), back[..., 1].copy()
    height, width = fx.shape
    x = np.arange(width, dtype=np.float32) + fx
    y = np.arange(height, dtype=np.float32)[:, None] + fy
    inside: NDArray[np.bool_] = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    allowed = fx * fx
    for plane in (fy, bx, by):
        allowed += np.multiply(plane, plane, out=x)
    allowed *= np.float32(0.01)
    allowed += np.float32(0.5)
    fx += bx
    fy += by
    fx *= fx
    fy *= fy
    fx += fy
    inside &= fx < allowed
    return inside
