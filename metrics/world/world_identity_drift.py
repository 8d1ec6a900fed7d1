"""Is the cast that the world's prompts order there, to the end and after the camera was away?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.world.world_identity import SAME
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.absences import Absence, absences, retained, sampling_interval
from lvbench.metrics.common.anchor_bank import Rules
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    why_no_drift,
)
from lvbench.metrics.common.world_backdrop import BARE, HIDDEN, MOST_LANDMARKS, OUT, tints_seen
from lvbench.metrics.common.world_cast import CastWatch, Member, visits
from lvbench.metrics.common.world_order import Order, why_no_order
from lvbench.results.schema import Event, ItemScore
from lvbench.world.grammar import SCENES, Character

Floats = NDArray[np.float64]

# Cosine of unrelated characters: they share one part of three.
_BASELINE = 1 / 3
_AWAY = 2.0  # seconds out of the view after which something is seen again
_SIGHTED = 0.25  # share of a visit's frames in which a member who is there is recognised
_FEWEST = 2  # frames that a visit must have


@dataclass
class _State:
    video: VideoContext
    cast: CastWatch | None
    tints: _TintWatch | None
    frames: int = 0


class WorldIdentityDrift(Metric[_State]):
    """Measure how much of the ordered cast is left at the end.

    Args:
        loss_seconds: Seconds without a sight of a member that are no absence yet: in the world
            characters hide each other.
    """

    info = MetricInfo(
        name="world_identity_drift",
        version=1,
        headline=ScoreInfo("World: identity drift of the cast", "cos", True, "median"),
        components=drift_infos("World: cast similarity", "cos", True)
        | {
            "mean": ScoreInfo("World: cast similarity, mean", "cos", True, "mean", (0.0, 1.0)),
            "presence": ScoreInfo("World: cast presence fraction", "", True, "mean", (0.0, 1.0)),
            "strangers": ScoreInfo(
                "World: unrequested characters per frame", "", False, "mean", (0.0, None)
            ),
            "losses": ScoreInfo("World: lost characters", "", False, "mean", (0.0, None)),
            "swaps": ScoreInfo("World: swapped characters", "", False, "mean", (0.0, None)),
            "returning": ScoreInfo("World: reappearance fraction", "", True, "mean", (0.0, 1.0)),
            "returning_cast": ScoreInfo(
                "World: reappearance fraction, cast", "", True, "mean", (0.0, 1.0)
            ),
            "returning_landmarks": ScoreInfo(
                "World: reappearance fraction, landmarks", "", True, "mean", (0.0, 1.0)
            ),
        },
        needs=("world_identity", "world_view"),
        range=(-1.0, 0.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
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
        return _State(video, CastWatch(order), _TintWatch(order))

    def update(self, state: _State, features: Mapping[str, Features]) -> None:
        """Look for the cast and for the landmarks in the next frames."""
        if (found := features.get("world_identity")) is not None:
            state.frames += len(found.t)
            if state.cast is not None:
                state.cast.add(found)
        if state.tints is not None and (seen := features.get("world_view")) is not None:
            state.tints.add(seen)

    def item(self, state: _State) -> ItemScore:
        """Return how much of the ordered cast is lost at the end, with its losses and returns."""
        if state.cast is None or state.tints is None or state.frames < 2:
            return why_no_order(state.frames, state.video)
        members = state.cast.members()
        gone = [_away(member, self.loss_seconds) for member in members]
        kept = [_left(member, absent) for member, absent in zip(members, gone, strict=True)]
        seconds = state.video.segment_seconds
        identity = _joined(members, kept, seconds)
        # The order states who must stay, and until when.
        refusal = why_no_drift(len(identity.t), replace(state.video, persist=None), "identity")
        if refusal:
            return refusal
        here = _joined(members, [member.present for member in members], seconds)
        cast, landmarks = _members_again(members), state.tints.again()
        parts = {
            "returning": _share([*cast, *landmarks]),
            "returning_cast": _share(cast),
            "returning_landmarks": _share(landmarks),
        }
        happened = [
            event
            for member, absent in zip(members, gone, strict=True)
            for event in _events(member, absent)
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
                [*happened, *_forgotten(cast, "cast"), *_forgotten(landmarks, "landmarks")],
                key=lambda event: (event.start, event.kind),
            ),
        )


@dataclass
class _TintWatch:
    """Record the tints of the landmarks in every sampled frame: ten numbers a frame."""

    order: Order
    _rows: Column = field(default_factory=Column)

    def add(self, found: Features) -> None:
        """Take the next pictures."""
        for picture, t in zip(found["picture"], found.t.tolist(), strict=True):
            moment = self.order.at(t)
            scene = SCENES.index(moment.shot.scene)
            self._rows.extend([t, scene, *tints_seen(picture, moment).tolist()])

    def again(self) -> list[tuple[float, bool]]:
        """Return when each landmark was seen again, and whether as before."""
        rows = self._rows.values().reshape(-1, 2 + MOST_LANDMARKS)
        found = []
        for scene in np.unique(rows[:, 1]):
            there = rows[rows[:, 1] == scene]
            for column in there[:, 2:].T.astype(np.int64):
                found += _same_again(there[:, 0], column)
        return sorted(found)


def _same_again(t: NDArray[np.float64], tints: NDArray[np.int64]) -> list[tuple[float, bool]]:
    inside = tints != OUT
    t, tints = t[inside], tints[inside]
    parts = visits(t, _AWAY)
    seen = []
    for number in np.unique(parts).tolist():
        here = tints[(parts == number) & (tints != HIDDEN)]
        if len(here) >= _FEWEST:
            counts = np.bincount(here, minlength=BARE + 1)
            seen.append((float(t[parts == number][0]), int(counts.argmax())))
    # A landmark that never was there cannot be forgotten.
    if not seen or seen[0][1] == BARE:
        return []
    return [(at, tint == seen[0][1]) for at, tint in seen[1:]]


def _members_again(members: Sequence[Member]) -> list[tuple[float, bool]]:
    """Return when each member of the cast should be seen again, and whether it is."""
    found = []
    for member in members:
        parts = visits(member.t, _AWAY)
        seen = []
        for number in np.unique(parts).tolist():
            here = member.present[parts == number]
            if len(here) >= _FEWEST:
                start = float(member.t[parts == number][0])
                seen.append((start, float(here.mean()) >= _SIGHTED))
        if seen and seen[0][1]:
            found += seen[1:]
    return sorted(found)


def _share(again: Sequence[tuple[float, bool]]) -> float | None:
    """Return the share that is there again; None where nothing left the view and came back."""
    return float(np.mean([same for _, same in again])) if again else None


def _forgotten(again: Sequence[tuple[float, bool]], what: str) -> list[Event]:
    """Return an event for each time at which something was not there again."""
    times: dict[float, int] = {}
    for at, same in again:
        times[at] = times.get(at, 0) + (not same)
    return [
        Event(kind="forgotten", start=at, end=at, details={"what": what, "count": float(count)})
        for at, count in sorted(times.items())
        if count
    ]


def _clock(member: Member) -> Floats:
    """Return the time in which a member was due: time with the camera away does not count."""
    step = sampling_interval(member.t)
    return step * np.arange(len(member.t), dtype=np.float64)


def _away(member: Member, loss_seconds: float) -> list[Absence]:
    """Return when a member was not recognised for too long; the indices are of its own frames.

    A member that is late or never comes is absent too: it counts as seen just before it was due.
    """
    step = sampling_interval(member.t)
    t = np.concatenate([[-step], _clock(member)])
    rules = Rules(SAME, 0.0, loss_seconds)
    stretches = absences(t, np.concatenate([[1.0], member.present]), rules)
    return [Absence(a.start - 1, a.stop - 1, a.last) for a in stretches]


def _left(member: Member, absent: Sequence[Absence]) -> Floats:
    """Return the similarity that a member retains in every frame in which it is due, `(n,)`."""
    similarity = np.where(member.present > 0, member.similarity, np.nan)
    for absence in absent:
        stretch = slice(absence.start, absence.stop)
        similarity[stretch] = member.similarity[stretch]
    if not np.isfinite(similarity).any() and not absent:
        return np.full(len(similarity), _BASELINE)
    return retained(similarity, _clock(member), absent, _BASELINE)


def _events(member: Member, absent: Sequence[Absence]) -> list[Event]:
    """Return the losses and swaps of a member.

    It was swapped where an unrequested character is there in half of the frames of its absence,
    the same one most of the time.
    """
    found = []
    for absence in absent:
        stretch = slice(absence.start, absence.stop)
        others = Counter(number for number in member.stranger[stretch].tolist() if number >= 0)
        details: dict[str, float | str] = {"member": member.character.text}
        kind = "loss"
        if others and others.total() >= 0.5 * (absence.stop - absence.start):
            kind = "swap"
            details["instead"] = Character.of(others.most_common(1)[0][0]).text
        end = float(member.t[min(absence.stop, len(member.t) - 1)])
        start = float(member.t[absence.start])
        found.append(Event(kind=kind, start=start, end=end, details=details))
    return found


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
