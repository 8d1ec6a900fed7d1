"""`rgb_difference`: how far each frame's pixels are from the frame before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products


class RgbDifference(Extractor):
    """Compute the mean absolute difference of consecutive full-resolution RGB frames.

    Arrays for `n` pairs:
        mean_absolute: float64 `(n,)`, levels of 0..255, over all pixels and channels.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            name="rgb_difference",
            version=1,
            products=Products(rgb=True),
            preprocessing="rgb-full",
            sampling="pairs",
            coded=True,
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of `frames`, which hold full-resolution RGB."""
        import cv2

        assert frames.rgb is not None
        rgb = frames.rgb
        # The sum of bytes is a whole number, so its order cannot move the mean.
        sums = [cv2.norm(a, b, cv2.NORM_L1) for a, b in pairwise(rgb)]
        return {"mean_absolute": np.asarray(sums, np.float64) / rgb[0].size}
