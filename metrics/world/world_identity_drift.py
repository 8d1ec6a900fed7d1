"""Is the cast that the world's prompts order there, to the end and after the camera was away?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    why_no_drift,
)
from lvbench.metrics.common.world_absences import away, events, left
from lvbench.metrics.common.world_cast import CastWatch, Member
from lvbench.metrics.common.world_order import Order, why_no_order
from lvbench.metrics.common.world_returns import TintWatch, forgotten, members_again, share
from lvbench.results.schema import ItemScore

Floats = NDArray[np.float64]


@dataclass
class _State:
    video: VideoContext
    cast: CastWatch | None
    tints: TintWatch | None
    frames: int = 0


class WorldIdentityDrift(Metric[_State]):
    """Measure what is left at the end of the cast that is ordered.

    Args:
        loss_seconds: Seconds without a sight of somebody that are no absence yet: in the world
            characters hide each other.
    """

    info = MetricInfo(
        name="world_identity_drift",
        version=1,
        headline=ScoreInfo("World: identity drift of the ordered cast", "cos", True, "median"),
        components=drift_infos("World: ordered cast", "cos", True)
        | {
            "mean": ScoreInfo("World: ordered cast, mean", "cos", True, "mean", (0.0, 1.0)),
            "presence": ScoreInfo("World: cast recognised", "", True, "mean", (0.0, 1.0)),
            "strangers": ScoreInfo(
                "World: characters nobody ordered, per frame", "", False, "mean", (0.0, None)
            ),
            "losses": ScoreInfo("World: members lost", "", False, "mean", (0.0, None)),
            "swaps": ScoreInfo("World: members replaced", "", False, "mean", (0.0, None)),
            "returning": ScoreInfo(
                "World: there again after the camera was away", "", True, "mean", (0.0, 1.0)
            ),
            "returning_cast": ScoreInfo("World: cast there again", "", True, "mean", (0.0, 1.0)),
            "returning_landmarks": ScoreInfo(
                "World: landmarks as before", "", True, "mean", (0.0, 1.0)
            ),
        },
        needs=("world_identity", "world_view"),
        range=(-1.0, 0.0),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"identity": "cos", "presence": ""},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(self, loss_seconds: float = 3.0) -> None:
        self.loss_seconds = loss_seconds

    def new_state(self, video: VideoContext) -> _State:
        """Return the empty state."""
        order = Order.of(video)
        if order is None:
            return _State(video, None, None)
        return _State(video, CastWatch(order), TintWatch(order))

    def update(self, state: _State, features: Mapping[str, Features]) -> None:
        """Look for the cast and for the landmarks in the next frames."""
        if (found := features.get("world_identity")) is not None:
            state.frames += len(found.t)
            if state.cast is not None:
                state.cast.add(found)
        if state.tints is not None and (seen := features.get("world_view")) is not None:
            state.tints.add(seen)

    def item(self, state: _State) -> ItemScore:
        """Return how much of the ordered cast is lost at the end, with what became of it."""
        if state.cast is None or state.tints is None or state.frames < 2:
            return why_no_order(state.frames, state.video)
        members = state.cast.members()
        gone = [away(member, self.loss_seconds) for member in members]
        kept = [left(member, absent) for member, absent in zip(members, gone, strict=True)]
        seconds = state.video.segment_seconds
        identity = _joined(members, kept, seconds)
        # The order itself says who must stay, and until when.
        refusal = why_no_drift(len(identity.t), replace(state.video, persist=None), "identity")
        if refusal:
            return refusal
        here = _joined(members, [member.present for member in members], seconds)
        cast, landmarks = members_again(members), state.tints.again()
        parts = {
            "returning": share([*cast, *landmarks]),
            "returning_cast": share(cast),
            "returning_landmarks": share(landmarks),
        }
        happened = [
            event
            for member, absent in zip(members, gone, strict=True)
            for event in events(member, absent)
        ]
        return ItemScore(
            value=float(np.clip(_at_the_end(identity) - 1.0, -1.0, 0.0)),
            components=drift_components(identity)
            | {
                "mean": float(np.mean(identity.y)),
                "presence": float(np.mean(here.y)),
                "strangers": float(state.cast.rows[:, 2].mean()),
                "losses": float(sum(event.kind == "loss" for event in happened)),
                "swaps": float(sum(event.kind == "swap" for event in happened)),
            }
            | {name: value for name, value in parts.items() if value is not None},
            series={"identity": identity.series(), "presence": here.series()},
            events=sorted(
                [*happened, *forgotten(cast, "cast"), *forgotten(landmarks, "landmarks")],
                key=lambda event: (event.start, event.kind),
            ),
        )


def _joined(members: Sequence[Member], values: Sequence[Floats], seconds: float) -> Segments:
    """Return the mean over all members, per segment."""
    if not members:
        return Segments(np.empty(0), np.empty(0))
    t = np.concatenate([member.t for member in members])
    order = np.argsort(t, kind="stable")
    return per_segment(t[order], np.concatenate(values)[order], seconds)


def _at_the_end(series: Segments) -> float:
    """Return the median over the last tenth of the segments, at least three: some are not due."""
    return float(np.median(series.y[-max(3, round(0.1 * len(series.y))) :]))
