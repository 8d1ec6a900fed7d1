"""Masks on a grid of cells: grown, shrunk, and their connected parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def grown(mask: Mask, cells: int = 1) -> Mask:
    """Return a mask with all cells that are within `cells` of it, diagonals included."""
    import cv2

    square = np.ones((2 * cells + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), square) > 0)


def shrunk(mask: Mask) -> Mask:
    """Return a mask without the cells that touch others; the picture's border is no rim."""
    return ~grown(~mask)


def connected(mask: Mask) -> list[Mask]:
    """Return the connected parts of a mask, diagonals included."""
    import cv2

    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    return [np.asarray(labels == k) for k in range(1, count)]
