"""A metric with an extractor of its own, and a generator, found by their entry points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features
from lvbench.generators.contract.base import Generator, GeneratorInfo, Request
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames, Products


class Level(Extractor):
    """Measure the mean luma of every frame, times a gain."""

    def __init__(self, gain: float = 1.0) -> None:
        self.spec = ExtractorSpec(
            "level", 1, Products(luma=True), "luma-full-range", parameters={"gain": gain}
        )
        self._gain = gain

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.luma is not None
        return {"level": self._gain * frames.luma.mean(axis=(1, 2))}


class MedianLevel(Metric[list[float]]):
    """Take the median level over the frames."""

    info = MetricInfo(
        name="median_level",
        version=1,
        headline=ScoreInfo("Median level", "levels", None, "median"),
        needs=("level",),
        range=(0.0, 255.0),
        group="over time",
        cites=("conover1999nonparametric",),
    )

    def new_state(self, video: VideoContext) -> list[float]:
        return []

    def update(self, state: list[float], features: Mapping[str, Features]) -> None:
        state += features["level"]["level"].tolist()

    def item(self, state: list[float]) -> ItemScore:
        return ItemScore(value=float(np.median(state)))


class Flat(Generator):
    """Show one grey, 100."""

    info = GeneratorInfo("flat", "0.1", "none", conditions_on=(), schedule="none", seedable=False)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        count = round(request.seconds * request.fps)
        yield np.full((count, request.height, request.width, 3), 100, np.uint8)
