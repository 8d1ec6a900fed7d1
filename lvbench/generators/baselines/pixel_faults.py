"""Pixel operations of the planted faults on a chunk of frames, `uint8 (T, H, W, 3)` RGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Clip = NDArray[np.uint8]
_SMALLEST_BLUR = 0.05  # pixels; below it a Gaussian kernel is a single 1


def gained(frames: Clip, gain: NDArray[np.float64]) -> Clip:
    """Multiply each frame by its gain `(T,)`, or by a gain per colour `(T, 3)`."""
    levels = np.arange(256)
    out = np.empty_like(frames)
    for i, frame in enumerate(frames):
        tables = np.clip(np.rint(levels * np.atleast_1d(gain[i])[:, None]), 0, 255)
        tables = tables.astype(np.uint8)
        if len(tables) == 1:
            out[i] = tables[0][frame]
            continue
        for colour, table in enumerate(tables):
            out[i, ..., colour] = table[frame[..., colour]]
    return out


def blurred(frames: Clip, sigma: NDArray[np.float64]) -> Clip:
    """Blur each frame by a Gaussian with its standard deviation `(T,)` in pixels."""
    import cv2

    out = frames.copy()
    for i, width in enumerate(sigma):
        if width > _SMALLEST_BLUR:
            out[i] = cv2.GaussianBlur(frames[i], (0, 0), width)
    return out


def shifted(frames: Clip, down: int, right: int) -> Clip:
    """Shift the picture by whole pixels; the border is replicated."""
    _, height, width, _ = frames.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return frames[:, rows][:, :, columns]
