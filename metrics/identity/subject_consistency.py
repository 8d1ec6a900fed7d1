"""Does the moving subject of the first seconds stay the same?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.anchor_frames import ReferenceBank, from_typical_start
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
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
class _Followed:
    """State: the bank, the last sight, and a few numbers per sampled time."""

    video: VideoContext
    bank: ReferenceBank
    t: Column = field(default_factory=Column)
    present: Column = field(default_factory=Column)
    share: Column = field(default_factory=Column)
    moving: Column = field(default_factory=Column)
    compared_t: Column = field(default_factory=Column)
    compared: Column = field(default_factory=Column)
    previous_t: Column = field(default_factory=Column)
    previous: Column = field(default_factory=Column)
    last: tuple[float, Vectors] | None = None


class SubjectConsistency(Metric[_Followed]):
    """Compare the subject's look with its first seconds and with the sight before.

    Args:
        extractor: Detects and embeds the subject.
        baseline: Median similarity of unrelated subjects; that of `mobilenet_v2` unless set
            otherwise, -1 where not known.
        anchor_seconds: How long the bank is filled, from the first sight.
        gap_seconds: Longest time between two sights that are compared with each other.
    """

    info = MetricInfo(
        name="subject_consistency",
        version=1,
        headline=ScoreInfo("Subject consistency drift", "cos", True, "median"),
        components=drift_infos("Subject similarity", "cos", True)
        | half_life_infos("Subject similarity")
        | {
            "mean": ScoreInfo("Subject similarity, mean while visible", "cos", True),
            "to_previous": ScoreInfo("Subject similarity to the previous sight", "cos", True),
            "presence": ScoreInfo("Subject presence fraction", "", None, "mean", (0.0, 1.0)),
            "share": ScoreInfo("Subject area fraction", "", None, "mean", (0.0, 1.0)),
        },
        needs=("subject",),
        range=(-2.0, 2.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"subject_similarity": "cos", "to_previous": "cos", "presence": ""},
        cites=("lvbench", "adiv1985motion", "black1996robust", "rother2004grabcut"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        extractor: str = "subject",
        baseline: float = 0.53,
        anchor_seconds: float = 2.0,
        gap_seconds: float = 1.25,
    ) -> None:
        self.extractor, self.baseline = extractor, baseline
        self.anchor_seconds, self.gap_seconds = anchor_seconds, gap_seconds

    def new_state(self, video: VideoContext) -> _Followed:
        """Return the empty state."""
        return _Followed(video, ReferenceBank(self.anchor_seconds))

    def update(self, state: _Followed, features: Mapping[str, Features]) -> None:
        """Compare the sights of a block."""
        found = features[self.needs[0]]
        state.t.extend(found.t)
        state.present.extend(found["count"] > 0)
        state.moving.extend(found["moving"])
        for i in np.flatnonzero(found["count"]):
            state.share.append(float(found["score"][i, 0]))
            self._see(state, float(found.t[i]), unit(found["embedding"][i, 0]))

    def _see(self, state: _Followed, t: float, vector: Vectors) -> None:
        similarity = state.bank.compare(vector)
        if state.bank.fills(t):
            state.bank.add(t, vector)
        elif similarity is not None:
            state.compared_t.append(t)
            state.compared.append(similarity)
        if state.last is not None and t - state.last[0] <= self.gap_seconds:
            state.previous_t.append(t)
            state.previous.append(float(cosine(vector, state.last[1])))
        state.last = t, vector

    def item(self, state: _Followed) -> ItemScore:
        """Return the signed end level of the similarity while the subject is seen."""
        seconds = state.video.segment_seconds
        sampled = len(np.unique(segment_index(state.t.values(), seconds)))
        refusal = why_no_drift(sampled, state.video, "identity")
        if refusal:
            return refusal
        early = state.bank.among_themselves()
        t = np.concatenate([state.bank.times[: len(early)], state.compared_t.values()])
        y = np.concatenate([early, state.compared.values()])
        similarity = per_segment(t, y, seconds)
        if len(similarity.t) < MINIMUM_SEGMENTS:
            return self._no_subject(state, len(similarity.t))
        previous = per_segment(state.previous_t.values(), state.previous.values(), seconds)
        present = state.present.values()
        parts = drift_components(similarity)
        start = from_typical_start(similarity, self.anchor_seconds)
        return ItemScore(
            value=parts["end_level"],
            components=parts
            | half_life_components(start, self.baseline)
            | {
                "mean": float(np.mean(similarity.y)),
                "presence": float(present.mean()),
                "share": float(state.share.values().mean()),
            }
            | ({"to_previous": float(np.mean(previous.y))} if len(previous.y) else {}),
            series={
                "subject_similarity": similarity.series(),
                "to_previous": previous.series(),
                "presence": per_segment(state.t.values(), present, seconds).series(),
            },
        )

    def _no_subject(self, state: _Followed, segments: int) -> ItemScore:
        moving = state.moving.values()
        return not_applicable(
            "no_subject" if moving.any() else "no_motion",
            f"a subject could be compared in {segments} segments, drift needs "
            f"{MINIMUM_SEGMENTS}; something moves against the camera in {np.mean(moving > 0):.0%} "
            f"of {len(moving)} sampled frames",
        )
