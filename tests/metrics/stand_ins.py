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


class Faces(Extractor):
    """Emit one face in the middle of every picture, embedded by the mean colours of its quarters.

    A picture of one colour has none.
    """

    def __init__(self, name: str, rate: float | None = 2.0) -> None:
        self.spec = ExtractorSpec(name, 1, Products(rgb=True), "middle", batch=1, rate=rate)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        n = len(frames)
        seen = np.array([f.min() < f.max() for f in frames.rgb])
        box, score = np.zeros((n, 8, 4), np.float32), np.zeros((n, 8), np.float32)
        box[seen, 0], score[seen, 0] = (0.3, 0.2, 0.7, 0.8), 0.9
        embedding = np.zeros((n, 8, 12), np.float32)
        for i in np.flatnonzero(seen):
            halves = np.array_split(frames.rgb[i].astype(np.float32), 2, axis=0)
            quarters = [q for half in halves for q in np.array_split(half, 2, axis=1)]
            embedding[i, 0] = np.concatenate([q.mean(axis=(0, 1)) for q in quarters]) - 128
        return {
            "count": seen.astype(np.int64),
            "box": box,
            "score": score,
            "embedding": embedding,
        }


STAND_INS: dict[str, Callable[[], Extractor]] = {
    "mobilefacenet": lambda: Faces("mobilefacenet"),
    "mobilenet_v2": lambda: ImageEncoder("mobilenet_v2"),
    "squeezenet1_1": lambda: ImageEncoder("squeezenet1_1"),
}
"""By the name of the network; each returns a new stand-in."""


def tool(name: str) -> Extractor:
    """Return the stand-in for a network, or the classical extractor itself."""
    return STAND_INS[name]() if name in STAND_INS else build(name)
