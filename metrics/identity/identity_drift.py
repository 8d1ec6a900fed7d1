"""Do the people, or the subject, of the first seconds stay who they are?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.absences import absences, events, presence, retained
from lvbench.metrics.common.anchor_bank import Anchor, AnchorBank, Rules
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    segment_index,
    why_no_drift,
)
from lvbench.results.schema import ItemScore


@dataclass(frozen=True, slots=True)
class _Scale:
    """Two cosines of an extractor's embeddings; their source is in the card of identity_drift.

    Attributes:
        same: Smallest cosine at which two embeddings are of one person.
        baseline: The median cosine of unrelated people.
    """

    same: float
    baseline: float


_SCALES = {
    "mobilefacenet": _Scale(same=0.336, baseline=0.04),
    "sface": _Scale(same=0.363, baseline=0.0),
    "subject": _Scale(same=0.65, baseline=0.36),
}


class IdentityDrift(Metric[AnchorBank]):
    """Estimate the drift of faces, or of the moving subject, from their first sights.

    Args:
        extractor: Detects and embeds people.
        same: Smallest cosine of one person to themselves; the extractor's own if left out.
        baseline: Cosine of unrelated people, which absence counts; the extractor's if left out.
        anchor_seconds: How long the bank is filled, from the first sight.
        loss_seconds: Seconds between two sights that are no absence yet.
    """

    info = MetricInfo(
        name="identity_drift",
        version=1,
        headline=ScoreInfo("Identity drift", "cos", False, "median", (0.0, None)),
        components=drift_infos("Identity similarity", "cos", True, worst=False)
        | {
            "half_life": ScoreInfo(
                "Identity similarity, half-life",
                "s",
                True,
                "time_to_event",
                censored_with="half_life_censored",
            ),
            "half_life_censored": ScoreInfo(
                "Identity similarity, fraction above half", "", True, "mean", (0.0, 1.0)
            ),
            "mean": ScoreInfo(
                "Identity similarity, mean with absence", "cos", True, "mean", (-1.0, 1.0)
            ),
            # It does not cover people who left, so no direction is good.
            "visible": ScoreInfo(
                "Identity similarity while visible", "cos", None, "mean", (-1.0, 1.0)
            ),
            "presence": ScoreInfo("Presence fraction", "", True, "mean", (0.0, 1.0)),
            "presence_end_level": ScoreInfo(
                "Presence fraction, end minus start", "", True, "median", (-1.0, 1.0)
            ),
            "swaps": ScoreInfo("Identity swaps", "", False, "mean", (0.0, None)),
            "people": ScoreInfo("People in the anchor bank", "", None, "mean", (1.0, None)),
        },
        needs=("mobilefacenet",),
        range=(0.0, 2.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"identity": "cos", "presence": ""},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(
        self,
        extractor: str = "mobilefacenet",
        same: float | None = None,
        baseline: float | None = None,
        anchor_seconds: float = 2.0,
        loss_seconds: float = 1.0,
    ) -> None:
        own = _SCALES.get(extractor)
        if own is None and (same is None or baseline is None):
            raise ValueError(
                f"the cosine scale of '{extractor}' is unknown: give same and baseline"
            )
        own = own or _Scale(0.0, 0.0)
        self.extractor = extractor
        self.same = own.same if same is None else same
        self.baseline = own.baseline if baseline is None else baseline
        self.anchor_seconds, self.loss_seconds = anchor_seconds, loss_seconds
        if not 0 <= self.baseline < self.same <= 1:
            raise ValueError(
                f"baseline {self.baseline} and same {self.same} are not 0 <= baseline < same <= 1"
            )

    def new_state(self, video: VideoContext) -> AnchorBank:
        """Return the empty bank."""
        return AnchorBank(video, Rules(self.same, self.anchor_seconds, self.loss_seconds))

    def update(self, state: AnchorBank, features: Mapping[str, Features]) -> None:
        """Look for every anchor in the next frames."""
        state.add(features[self.needs[0]])

    def item(self, state: AnchorBank) -> ItemScore:
        """Return the change over the entire clip of what is left of the anchors, with events."""
        state.finish()
        seconds = state.video.segment_seconds
        segments = len(np.unique(segment_index(state.sampled.values(), seconds)))
        refusal = why_no_drift(segments, state.video, "identity")
        if refusal:
            return refusal
        if not state.anchors:
            return self._nobody(state)
        away = [absences(state.t, a.present.values(), state.rules) for a in state.anchors]
        left = [
            retained(anchor.similarity.values(), state.t, stretches, self.baseline)
            for anchor, stretches in zip(state.anchors, away, strict=True)
        ]
        identity = per_segment(state.t, np.mean(left, axis=0), seconds)
        here = per_segment(state.t, np.mean([presence(a) for a in state.anchors], axis=0), seconds)
        refusal = why_no_drift(len(identity.t), state.video, "identity")
        if refusal:
            return refusal
        from lvbench.stats.drift import end_level

        happened = events(state, away)
        drifted = drift_components(identity)
        return ItemScore(
            value=drifted.pop("worst"),
            components=drifted
            | self._half_life(identity)
            | {
                "mean": float(np.mean(identity.y)),
                "visible": float(np.mean([_visible(anchor) for anchor in state.anchors])),
                "presence": float(np.mean(here.y)),
                "presence_end_level": end_level(here.t, here.y),
                "swaps": float(sum(event.kind == "swap" for event in happened)),
                "people": float(len(state.anchors)),
            },
            series={"identity": identity.series(), "presence": here.series()},
            events=happened,
        )

    def _half_life(self, identity: Segments) -> dict[str, float]:
        from lvbench.stats.drift import half_life

        if identity.y[0] <= self.baseline:
            return {}
        found = half_life(identity.t, identity.y, self.baseline)
        parts = {"half_life_censored": float(found is None)}
        return parts if found is None else parts | {"half_life": found}

    def _nobody(self, state: AnchorBank) -> ItemScore:
        """Return the score of a video in which no person was seen, or none for long enough."""
        what = "subject" if self.extractor == "subject" else "face"
        detail = f"no {what} in any of {len(state.sampled)} sampled frames"
        if state.frames_with_faces:
            detail = (
                f"no {what} in half of the frames, and two, of any {self.anchor_seconds:g} s; "
                f"one or more in {state.frames_with_faces} of {len(state.sampled)} sampled frames"
            )
        return not_applicable(f"no_{what}", detail)


def _visible(anchor: Anchor) -> float:
    return float(np.mean(anchor.similarity.values()[anchor.present.values() > 0]))
