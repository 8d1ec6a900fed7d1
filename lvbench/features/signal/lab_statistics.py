"""Per-frame mean colour in CIELAB."""

from __future__ import annotations

import numpy as np

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products


class LabStatistics(Extractor):
    """Measure the mean colour of every frame in CIELAB (D65).

    Values, float64 `(n,)`: `mean_L` in 0..100, `mean_a`, `mean_b`, and `chroma`, the mean over
    pixels of sqrt(a^2 + b^2).

    Args:
        size: Longest side of the small RGB picture that is measured.
    """

    def __init__(self, size: int = 256) -> None:
        self.spec = ExtractorSpec(
            "lab_statistics",
            1,
            Products(small=size),
            preprocessing=f"rgb-swscale-bilinear-{size}",
            parameters={"size": size},
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic per frame."""
        import cv2

        assert frames.small is not None
        rows = []
        for rgb in frames.small:
            lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
            a, b = lab[:, :, 1], lab[:, :, 2]
            # cv2.magnitude rounds by where its result lies in memory: other bits each time.
            chroma = np.sqrt(a * a + b * b)
            rows.append((*cv2.mean(lab)[:3], cv2.mean(chroma)[0]))
        names = ("mean_L", "mean_a", "mean_b", "chroma")
        return dict(zip(names, np.asarray(rows, np.float64).T, strict=True))
