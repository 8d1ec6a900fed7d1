"""How often does the picture cut to another shot although nobody ordered it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.ordered_cuts import ordered
from lvbench.results.schema import Event, ItemScore


@dataclass
class Cuts:
    """Times of cuts, and the time that was watched for them."""

    video: VideoContext
    cuts: list[float] = field(default_factory=list)
    seconds: float = 0.0


class ShotCuts(Metric[Cuts]):
    """Count the cuts per minute that neither the manifest nor a new prompt ordered."""

    info = MetricInfo(
        name="shot_cuts",
        version=1,
        headline=ScoreInfo("Undeclared shot cuts", "1/min", False),
        components={"cuts": ScoreInfo("Shot cuts", "1/min", None, range=(0.0, None))},
        needs=("shots",),
        range=(0.0, None),
        group="seams",
        gates=("stillness", "incoherence"),
        cites=("lvbench", "cooper2001scene"),
    )

    def new_state(self, video: VideoContext) -> Cuts:
        """Return the empty state."""
        return Cuts(video)

    def update(self, state: Cuts, features: Mapping[str, Features]) -> None:
        """Keep the times of cuts."""
        state.cuts.extend(features["shots"].t.tolist())
        state.seconds += float(features["shots"]["seconds"][0])

    def item(self, state: Cuts) -> ItemScore:
        """Return undeclared cuts per minute, each cut as an event."""
        if not state.seconds:
            return not_applicable("too_short", "fewer than 2 frames")
        if state.video.orders_change_of("scene") and not state.video.cuts:
            return not_applicable(
                "ordered_change", "the prompts let the scene change and declare no cuts"
            )
        planned = ordered(state.video, state.cuts).tolist()
        events = [
            Event(kind="cut", start=cut, end=cut, details={"declared": "yes" if meant else "no"})
            for cut, meant in zip(state.cuts, planned, strict=True)
        ]
        minutes = state.seconds / 60
        return ItemScore(
            value=planned.count(False) / minutes,
            components={"cuts": len(events) / minutes},
            events=events,
        )
