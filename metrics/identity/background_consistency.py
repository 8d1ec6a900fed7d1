"""Does the scene behind the subject stay the same?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.anchor_frames import ReferenceBank, from_typical_start
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
    segment_index,
    why_no_drift,
)
from lvbench.metrics.common.similarity import (
    Vectors,
    cosine,
    half_life_components,
    half_life_infos,
    unit,
)
from lvbench.results.schema import ItemScore


@dataclass
class View:
    """Accumulate a camera's motion since a view; lengths in that view's width and height.

    Attributes:
        x: How far the content has moved to the right.
        y: How far it has moved down.
        growth: Logarithm of how much it has grown.
    """

    x: float = 0.0
    y: float = 0.0
    growth: float = 0.0

    def move(self, velocity: NDArray[np.float64], seconds: float) -> None:
        """Move the camera for some time.

        Args:
            velocity: `(>= 3,)` per second: right and down in widths and heights of the present
                view, logarithm of growth.
            seconds: How long.
        """
        scale = float(np.exp(self.growth))
        self.x += float(velocity[0]) * seconds / scale
        self.y += float(velocity[1]) * seconds / scale
        self.growth += float(velocity[2]) * seconds

    def overlap(self) -> float:
        """Return the overlap of the two views, as a share of the larger one, 0 to 1.

        A turn about the line of sight is left out.
        """
        side = float(np.exp(-self.growth))  # Of the present view, in the earlier view's sides.
        shared = 1.0
        for shift in (self.x, self.y):
            low, high = max(-0.5, -shift - side / 2), min(0.5, -shift + side / 2)
            shared *= max(0.0, high - low)
        return shared / max(1.0, side * side)


@dataclass
class _Scene:
    """State: the banks of the first and the present view, the last frame, numbers per frame.

    `broken`: the scene has changed in one step by more than half of what it has to lose, and has
    not come back; no motion of the camera led here, and the earlier view stays the one to compare
    with.
    """

    video: VideoContext
    first: ReferenceBank
    bank: ReferenceBank
    view: View = field(default_factory=View)
    views: int = 1
    broken: bool = False
    last: tuple[float, Vectors, NDArray[np.float64]] | None = None
    t: Column = field(default_factory=Column)
    similarity: Column = field(default_factory=Column)
    to_first: Column = field(default_factory=Column)
    previous: Column = field(default_factory=Column)


class BackgroundConsistency(Metric[_Scene]):
    """Compare the scene without its subject with an earlier view that the camera still shows.

    Args:
        extractor: Removes the subject, embeds the rest and gives the camera's motion.
        baseline: Median similarity of unrelated scenes; that of `mobilenet_v2` unless set
            otherwise.
        anchor_seconds: How long the bank of a view is filled.
        overlap: Share of the earlier view that must still be visible for a comparison.
    """

    info = MetricInfo(
        name="background_consistency",
        version=1,
        headline=ScoreInfo("Background consistency drift", "cos", True, "median"),
        components=drift_infos("Background similarity", "cos", True)
        | half_life_infos("Background similarity")
        | {
            "mean": ScoreInfo("Background similarity, mean", "cos", True),
            "to_previous": ScoreInfo("Background similarity to the previous sample", "cos", True),
            "to_first": ScoreInfo("Background similarity to the first view", "cos", None),
            "views": ScoreInfo("Camera views", "", None, "mean", (1.0, None)),
        },
        needs=("subject",),
        range=(-2.0, 2.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"background_similarity": "cos", "to_first": "cos", "to_previous": "cos"},
        cites=("lvbench", "adiv1985motion"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        extractor: str = "subject",
        baseline: float = 0.53,
        anchor_seconds: float = 2.0,
        overlap: float = 0.6,
    ) -> None:
        if not (-1 <= baseline < 1 and 0 < overlap < 1):
            raise ValueError(f"baseline {baseline} or overlap {overlap} is out of range")
        self.extractor, self.baseline = extractor, baseline
        self.anchor_seconds, self.overlap = anchor_seconds, overlap

    def new_state(self, video: VideoContext) -> _Scene:
        """Return the empty state."""
        first, bank = (ReferenceBank(self.anchor_seconds) for _ in range(2))
        return _Scene(video, first, bank)

    def update(self, state: _Scene, features: Mapping[str, Features]) -> None:
        """Compare the scenes of a block."""
        found = features[self.needs[0]]
        vectors = unit(found["background"])
        for t, vector, camera in zip(found.t, vectors, found["camera"], strict=True):
            self._see(state, float(t), vector, camera)

    def _see(self, state: _Scene, t: float, vector: Vectors, camera: NDArray[np.float64]) -> None:
        similarity, to_first = state.bank.compare(vector), state.first.compare(vector)
        if state.last is not None and similarity is not None and to_first is not None:
            before, last, velocity = state.last
            to_previous = float(cosine(vector, last))
            state.t.append(t)
            state.similarity.append(similarity)
            state.to_first.append(to_first)
            state.previous.append(to_previous)
            state.view.move((velocity + camera) / 2, t - before)
            half = (1 + self.baseline) / 2
            state.broken = to_previous < half or (state.broken and similarity < half)
            if not state.broken and state.view.overlap() < self.overlap:
                state.bank, state.view = ReferenceBank(self.anchor_seconds), View()
                state.views += 1
        state.last = t, vector, camera
        # A video may fade in: all of its first seconds count. A later view includes no other scene.
        if state.bank.fills(t) and (state.views == 1 or not state.broken):
            state.bank.add(t, vector)
        if state.first.fills(t):
            state.first.add(t, vector)

    def item(self, state: _Scene) -> ItemScore:
        """Return the signed end level of the similarity."""
        seconds = state.video.segment_seconds
        t = state.t.values()
        refusal = why_no_drift(len(np.unique(segment_index(t, seconds))), state.video, "scene")
        if refusal:
            return refusal
        similarity = per_segment(t, state.similarity.values(), seconds)
        refusal = why_no_drift(len(similarity.t), state.video, "scene")
        if refusal:
            return refusal
        to_first = per_segment(t, state.to_first.values(), seconds)
        previous = per_segment(t, state.previous.values(), seconds)
        parts = drift_components(similarity)
        start = from_typical_start(similarity, self.anchor_seconds)
        return ItemScore(
            value=parts["end_level"],
            components=parts
            | half_life_components(start, self.baseline)
            | {
                "mean": float(np.mean(similarity.y)),
                "to_previous": float(np.mean(previous.y)),
                "to_first": float(np.mean(to_first.y)),
                "views": float(state.views),
            },
            series={
                "background_similarity": similarity.series(),
                "to_first": to_first.series(),
                "to_previous": previous.series(),
            },
        )
