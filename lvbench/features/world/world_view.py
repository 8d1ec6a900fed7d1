"""`world_view`: sampled frames at 48x48, as the world's encoders read them; words as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, sampled_rate
from lvbench.video.frames import Frames, Products
from lvbench.world.grammar import HUES, PATTERNS, SHAPES, Character

SIDE = 48
"""Side in pixels of the pictures that the world's encoders read."""
GROUPS = (len(SHAPES), len(HUES), len(PATTERNS))
"""How many shapes, hues and patterns there are, in the order of a character's numbers."""
WORDS = sum(GROUPS)


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
    """Return the spec of an extractor that reads sampled frames at 48x48.

    Raises:
        ValueError: The rate is negative or not finite.
    """
    return ExtractorSpec(
        name,
        1,
        Products(rgb=True),
        f"rgb-area{SIDE}",
        batch=batch,
        parameters={"rate": rate},
        rate=sampled_rate(rate),
    )


def reduced(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 `(n, H, W, 3)` at 48x48; pictures of that size stay as they are."""
    if images.shape[1:3] == (SIDE, SIDE):
        return images
    import cv2

    how = cv2.INTER_AREA
    small = [cv2.resize(image, (SIDE, SIDE), interpolation=how) for image in images]
    return np.asarray(small, np.uint8)


def member_words(member: Character) -> NDArray[np.float32]:
    """Return 1 for a character's shape, hue and pattern, 0 for the others: float32 `(16,)`."""
    words = np.zeros(WORDS, np.float32)
    words[SHAPES.index(member.shape)] = 1
    words[GROUPS[0] + HUES.index(member.hue)] = 1
    words[GROUPS[0] + GROUPS[1] + PATTERNS.index(member.pattern)] = 1
    return words
