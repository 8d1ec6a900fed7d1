"""Cheap extractors that emit what the networks emit, for what holds of every metric.

A stand-in is a deterministic function of the pixels of each frame, with the arrays, types and
sampling of the network that it stands in for, and of fewer dimensions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.features.registry import build
from lvbench.video.frames import Frames, Products


class ImageEncoder(Extractor):
    """Emit the mean colour of the cells of a 4x4 grid as `image`."""

    def __init__(self, name: str, rate: float | None = 2.0) -> None:
        self.spec = ExtractorSpec(name, 1, Products(rgb=True), "grid", batch=8, rate=rate)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        rows = [np.array_split(f.astype(np.float32), 4, axis=0) for f in frames.rgb]
        cells = [
            [cell.mean(axis=(0, 1)) for row in frame for cell in np.array_split(row, 4, axis=1)]
            for frame in rows
        ]
        return {"image": np.asarray(cells, np.float32).reshape(len(cells), -1) + 1}


STAND_INS: dict[str, Callable[[], Extractor]] = {
    "mobilenet_v2": lambda: ImageEncoder("mobilenet_v2"),
    "squeezenet1_1": lambda: ImageEncoder("squeezenet1_1"),
}
"""By the name of the network; each returns a new stand-in."""


def tool(name: str) -> Extractor:
    """Return the stand-in for a network, or the classical extractor itself."""
    return STAND_INS[name]() if name in STAND_INS else build(name)
