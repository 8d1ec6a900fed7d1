"""`world_view`: sampled frames as the world's encoders see them, 48x48."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products

SIDE = 48
"""Side in pixels of the pictures that the world's encoders read."""


class WorldView(Extractor):
    """Reduce sampled frames to 48x48 by area, whatever their aspect.

    Arrays for `n` frames:
        picture: uint8 `(n, 48, 48, 3)` RGB.

    Args:
        rate: Frames per second that are taken; 0 for every frame.
    """

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = view_spec("world_view", rate)

    def __call__(self, frames: Frames) -> Arrays:
        """Return the pictures of frames that hold full-resolution RGB."""
        assert frames.rgb is not None
        return {"picture": reduced(frames.rgb)}


def view_spec(name: str, rate: float, batch: int = 8) -> ExtractorSpec:
    """Return the spec of an extractor that sees sampled frames of 48x48.

    Raises:
        ValueError: The rate is none.
    """
    if not 0 <= rate < float("inf"):
        raise ValueError(f"rate must be 0 (every frame) or frames per second, not {rate}")
    return ExtractorSpec(
        name,
        1,
        Products(rgb=True),
        f"rgb-area{SIDE}",
        batch=batch,
        parameters={"rate": rate},
        rate=rate or None,
    )


def reduced(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 `(n, H, W, 3)` at 48x48; pictures of that size stay as they are."""
    if images.shape[1:3] == (SIDE, SIDE):
        return images
    import cv2

    how = cv2.INTER_AREA
    small = [cv2.resize(image, (SIDE, SIDE), interpolation=how) for image in images]
    return np.asarray(small, np.uint8)
