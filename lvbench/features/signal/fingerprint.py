"""`fingerprint`: the change of each frame and a thumbnail, for freezes and loops."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products

Index = NDArray[np.int64]
GRID = (18, 32)
THUMBNAIL = (36, 64)
RESIDUE = 2.5
"""Levels squared: what lossy coding changes in a block of a held picture."""


class Fingerprint(Extractor):
    """Compare every frame's luma with the one before, block by block, at full resolution.

    Arrays for `n` pairs:
        change: float64 `(n,)`, levels squared in 0..255: the largest over a grid of 18 x 32
            blocks of the block's mean squared luma difference, each pixel's square capped at 255.
            The cap keeps one strong edge from weighing like a complete block, and the square keeps
            a small moving object above the residue of a codec, which is wide and faint.
        spread: float64 `(n,)`, 0..1: share of the blocks with a difference above 2.5.
        thumbnail: uint8 `(n, 36, 64)`: the second frame's luma, averaged over areas whatever the
            aspect ratio.
        dt: float64 `(n,)`, seconds between the two frames.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            name="fingerprint",
            version=1,
            products=Products(luma=True),
            preprocessing="luma",
            sampling="pairs",
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of `frames`, which hold luma."""
        assert frames.luma is not None
        luma = frames.luma
        room = np.empty_like(luma[0])
        return {
            **_changes([_change(a, b, room) for a, b in pairwise(luma)]),
            "thumbnail": np.stack([_thumbnail(frame) for frame in luma[1:]]),
            "dt": np.diff(frames.pts),
        }


def _change(
    first: NDArray[np.uint8], second: NDArray[np.uint8], squares: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Return the change of each block of a pair; `squares` is a buffer of a frame's shape."""
    import cv2

    cv2.absdiff(first, second, squares)
    cv2.multiply(squares, squares, squares)  # saturates at 255
    return _block_means(squares, GRID)


def _changes(blocks: list[NDArray[np.float64]]) -> Arrays:
    """Return the largest change of each pair, and how much of the picture changes."""
    change = np.stack(blocks).reshape(len(blocks), -1)
    return {"change": change.max(axis=1), "spread": (change > RESIDUE).mean(axis=1)}


def _thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = luma.shape
    if height < THUMBNAIL[0] or width < THUMBNAIL[1]:
        return cv2.resize(luma, THUMBNAIL[::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
    return np.rint(_block_means(luma, THUMBNAIL)).astype(np.uint8)


def _block_means(picture: NDArray[np.uint8], grid: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean of each block of the grid, of one pixel at least."""
    import cv2

    rows, columns, sizes = _borders(*picture.shape, *grid)
    # OpenCV sums a band of rows ten times faster than numpy, and than its own resize averages.
    bands = [
        cv2.reduce(picture[top:bottom], 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0]
        for top, bottom in pairwise(rows)
    ]
    sums = np.add.reduceat(np.stack(bands), columns[:-1], axis=1)
    means: NDArray[np.float64] = sums / sizes
    return means


@lru_cache(maxsize=8)
def _borders(height: int, width: int, rows: int, columns: int) -> tuple[Index, Index, Index]:
    """Return the borders of a grid's rows and columns in pixels, and the blocks' sizes."""
    down, across = (
        np.linspace(0, side, min(count, side) + 1).round().astype(int)
        for side, count in ((height, rows), (width, columns))
    )
    return down, across, np.outer(np.diff(down), np.diff(across))
