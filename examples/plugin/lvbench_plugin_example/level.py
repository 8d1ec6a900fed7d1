"""Mean luma of every frame."""

from __future__ import annotations

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products


class Level(Extractor):
    """Measure the mean luma of every frame, times a gain.

    Args:
        gain: Factor of the level.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.spec = ExtractorSpec(
            "level", 1, Products(luma=True), "luma-full-range", parameters={"gain": gain}
        )
        self._gain = gain

    def __call__(self, frames: Frames) -> Arrays:
        """Return one level per frame, float64 `(n,)`."""
        assert frames.luma is not None
        return {"level": self._gain * frames.luma.mean(axis=(1, 2))}
