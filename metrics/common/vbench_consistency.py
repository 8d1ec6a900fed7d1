"""VBench's consistency of a sequence of frames, on which four of its dimensions rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.similarity import Vectors, cosine, unit
from lvbench.results.schema import ItemScore


def step_score(vector: Vectors, previous: Vectors, first: Vectors) -> float:
    """Return `1/2 [max(0, cos(f_t, f_{t-1})) + max(0, cos(f_t, f_1))]` of unit vectors."""
    pair = max(0.0, float(cosine(vector, previous))), max(0.0, float(cosine(vector, first)))
    return sum(pair) / 2


@dataclass
class FrameSequence:
    """The first and the last frame's vector, and every frame's score but the first's."""

    video: VideoContext
    first: Vectors | None = None
    previous: Vectors | None = None
    t: Column = field(default_factory=Column)
    scores: Column = field(default_factory=Column)

    def add(self, t: float, vector: Vectors) -> None:
        """Take the unit vector of the next frame."""
        if self.first is None or self.previous is None:
            self.first = vector
        else:
            self.t.append(t)
            self.scores.append(step_score(vector, self.previous, self.first))
        self.previous = vector


def consistency_info(what: str, encoder: str) -> MetricInfo:
    """Describe VBench's consistency of `what` (subject, background) by an encoder."""
    return MetricInfo(
        name=f"vbench_{what}_consistency",
        version=1,
        headline=ScoreInfo(f"VBench {what} consistency", "", True),
        needs=(encoder,),
        range=(0.0, 1.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"score": ""},
        cites=("huang2024vbench",),
        tolerance=1e-4,
    )


class VbenchConsistency(Metric[FrameSequence]):
    """Average `step_score` over all frames but the first; a subclass names the encoder."""

    def new_state(self, video: VideoContext) -> FrameSequence:
        """Return the empty state."""
        return FrameSequence(video)

    def update(self, state: FrameSequence, features: Mapping[str, Features]) -> None:
        """Compare every frame with the one before and with the first."""
        found = features[self.needs[0]]
        for t, vector in zip(found.t.tolist(), unit(found["image"]), strict=True):
            state.add(t, vector)

    def item(self, state: FrameSequence) -> ItemScore:
        """Return the score of one video, as VBench would."""
        t, scores = state.t.values(), state.scores.values()
        if not len(t):
            return not_applicable("too_short", "fewer than 2 frames")
        series = per_segment(t, scores, state.video.segment_seconds).series()
        return ItemScore(value=float(scores.mean()), series={"score": series})
