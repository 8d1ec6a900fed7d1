"""`luma_areas`: how light each area of a frame is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products

_AREAS = 16  # along the long side
_SHORTEST = 8  # pixels


class LumaAreas(Extractor):
    """Measure the light of the areas of every frame.

    Arrays for `n` frames:
        areas: float32 `(n, k)`: mean luma of each area, in levels: of a sixteenth of the long side
            and about as much of the short one, so that they are the same at every size of the
            picture. Below 128 pixels there are fewer: an area is 8 pixels long or longer.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            "luma_areas", 1, Products(luma=True), preprocessing="luma-full-range"
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one row of areas per frame."""
        assert frames.luma is not None
        return {"areas": np.stack([_areas(luma) for luma in frames.luma])}


def _areas(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean of every area, `(areas,)`."""
    import cv2

    height, width = luma.shape
    long = max(height, width)
    share = max(1, min(_AREAS, long // _SHORTEST)) / long
    # First by whole pixels, which is faster; less than a 64th of a side is left out.
    step = max(1, long // (4 * _AREAS))
    rows, columns = height // step, width // step
    inside = luma[: rows * step, : columns * step].astype(np.float32)
    quarters = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA)
    size = (max(1, round(share * width)), max(1, round(share * height)))
    return np.asarray(cv2.resize(quarters, size, interpolation=cv2.INTER_AREA), np.float32).ravel()
