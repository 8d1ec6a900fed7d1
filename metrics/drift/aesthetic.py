"""Do people who rate pictures find the frames beautiful, and for how long?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.common.similarity import unit
from lvbench.results.schema import ItemScore

_HEADS = {"clip_vit_b_32": "aesthetic_vit_b_32", "clip_vit_l_14": "aesthetic_vit_l_14"}


@dataclass
class _Vectors:
    """State: the head, and the vectors of the sampled frames (2 kB each)."""

    video: VideoContext
    head: NDArray[np.float64] | None = None
    t: list[float] = field(default_factory=list)
    image: list[NDArray[np.float32]] = field(default_factory=list)


class Aesthetic(Metric[_Vectors]):
    """Apply LAION's linear head to the unit CLIP vectors of sampled frames.

    Args:
        extractor: `clip_vit_b_32` or `clip_vit_l_14`; each has a head of its own.
    """

    info = MetricInfo(
        name="aesthetic",
        version=1,
        headline=ScoreInfo("Aesthetic score", "", True),
        components=drift_infos("Aesthetic score", "", True),
        needs=("clip_vit_b_32", "aesthetic_vit_b_32"),
        range=(None, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"score": ""},
        cites=("schuhmann2022aesthetics",),
        tolerance=1e-3,
    )

    def __init__(self, extractor: str = "clip_vit_b_32") -> None:
        if extractor not in _HEADS:
            raise ValueError(f"there is a head for {' and '.join(_HEADS)}, not for {extractor}")
        self.extractor = extractor

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the encoder and the head that goes with it."""
        assert self.extractor is not None
        return self.extractor, _HEADS[self.extractor]

    def new_state(self, video: VideoContext) -> _Vectors:
        """Return the empty state."""
        return _Vectors(video)

    def update(self, state: _Vectors, features: Mapping[str, Features]) -> None:
        """Keep the head and the frames' vectors: either may come first."""
        encoder, head = self.needs
        if head in features:
            state.head = features[head]["head"][0]
        if encoder in features:
            state.t += features[encoder].t.tolist()
            state.image += list(features[encoder]["image"])

    def item(self, state: _Vectors) -> ItemScore:
        """Return the mean score of the sampled frames."""
        if len(state.t) < 2 or state.head is None:
            return not_applicable("too_short", "fewer than 2 sampled frames")
        score = aesthetic_score(np.stack(state.image), state.head)
        segments = per_segment(state.t, score, state.video.segment_seconds)
        ordered = state.video.orders_change_of("style")
        components = {} if ordered else drift_components(segments)
        return ItemScore(
            value=float(score.mean()), components=components, series={"score": segments.series()}
        )


def aesthetic_score(vectors: NDArray[Any], head: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scores `(n,)` of image vectors `(n, d)`, of any length, by a head `(d + 1,)`."""
    scores: NDArray[np.float64] = unit(vectors) @ head[:-1] + head[-1]
    return scores
