"""How often does the picture cut to another shot, and was it meant to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.results.schema import Event, ItemScore


@dataclass
class Cuts:
    """Times of cuts, and the time that was watched for them."""

    video: VideoContext
    cuts: list[float] = field(default_factory=list)
    seconds: float = 0.0


class ShotCuts(Metric[Cuts]):
    """Count shot cuts per minute, and undeclared ones."""

    info = MetricInfo(
        name="shot_cuts",
        version=1,
        headline=ScoreInfo("Shot cuts", "1/min", None),
        components={
            "undeclared": ScoreInfo("Undeclared shot cuts", "1/min", False, range=(0.0, None))
        },
        needs=("shots",),
        range=(0.0, None),
        group="seams",
        cites=("castellano:pyscenedetect",),
    )

    def new_state(self, video: VideoContext) -> Cuts:
        """Return the empty state."""
        return Cuts(video)

    def update(self, state: Cuts, features: Mapping[str, Features]) -> None:
        """Keep the times of cuts."""
        state.cuts.extend(features["shots"].t.tolist())
        state.seconds += float(features["shots"]["seconds"][0])

    def item(self, state: Cuts) -> ItemScore:
        """Return cuts per minute, each cut as an event."""
        if not state.seconds:
            return not_applicable("too_short", "fewer than 2 frames")
        declared = np.asarray(state.video.cuts)
        planned = [
            bool(np.any(np.abs(declared - cut) <= state.video.segment_seconds))
            for cut in state.cuts
        ]
        events = [
            Event(kind="cut", start=cut, end=cut, details={"declared": "yes" if meant else "no"})
            for cut, meant in zip(state.cuts, planned, strict=True)
        ]
        minutes = state.seconds / 60
        parts = {"undeclared": planned.count(False) / minutes} if len(declared) else {}
        return ItemScore(value=len(events) / minutes, components=parts, events=events)
