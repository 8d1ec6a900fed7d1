"""What of a view is there again after the camera was away: the cast, and what landmarks wear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.world_backdrop import BARE, MOST_LANDMARKS, OUT, UNTOLD, tints_seen
from lvbench.metrics.common.world_cast import Member, visits
from lvbench.metrics.common.world_order import Order
from lvbench.results.schema import Event
from lvbench.world.grammar import SCENES

AWAY = 2.0
"""Seconds out of the view after which something is seen again."""
_SIGHTED = 0.25  # share of a visit's frames in which somebody who is there is recognised
_FEWEST = 2  # frames of a visit that must tell


@dataclass
class TintWatch:
    """Note what the landmarks wear in every sampled frame: ten numbers a frame."""

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
    parts = visits(t, AWAY)
    seen = []
    for number in np.unique(parts).tolist():
        here = tints[(parts == number) & (tints != UNTOLD)]
        if len(here) >= _FEWEST:
            counts = np.bincount(here, minlength=BARE + 1)
            seen.append((float(t[parts == number][0]), int(counts.argmax())))
    # What never stood there cannot be forgotten.
    if not seen or seen[0][1] == BARE:
        return []
    return [(at, tint == seen[0][1]) for at, tint in seen[1:]]


def members_again(members: Sequence[Member]) -> list[tuple[float, bool]]:
    """Return when each member of the cast should be seen again, and whether it is."""
    found = []
    for member in members:
        parts = visits(member.t, AWAY)
        seen = []
        for number in np.unique(parts).tolist():
            here = member.present[parts == number]
            if len(here) >= _FEWEST:
                start = float(member.t[parts == number][0])
                seen.append((start, float(here.mean()) >= _SIGHTED))
        if seen and seen[0][1]:
            found += seen[1:]
    return sorted(found)


def share(again: Sequence[tuple[float, bool]]) -> float | None:
    """Return the share that is there again; None where nothing left the view and came back."""
    return float(np.mean([same for _, same in again])) if again else None


def forgotten(again: Sequence[tuple[float, bool]], what: str) -> list[Event]:
    """Return an event for each time at which something was not there again."""
    times: dict[float, int] = {}
    for at, same in again:
        times[at] = times.get(at, 0) + (not same)
    return [
        Event(kind="forgotten", start=at, end=at, details={"what": what, "count": float(count)})
        for at, count in sorted(times.items())
        if count
    ]
