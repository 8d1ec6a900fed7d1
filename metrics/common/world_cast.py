"""The ordered cast, looked for in every sampled frame: the state of the world's cast metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.world.world_identity import SAME, SURE, nearest, similarity
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.world_order import Order
from lvbench.world.grammar import MOST_CAST, Character

Floats = NDArray[np.float64]

HOME = 0.1
"""View widths from the home view within which the whole cast is in the view."""
SETTLE = 1.0
"""Seconds after a cut in which a video may still turn to the ordered shot."""

_PLACES = range(MOST_CAST)
_WIDTH = 4 + MOST_CAST  # time, shot, strangers, a stranger's number, likenesses


@dataclass(frozen=True, slots=True)
class Member:
    """One member of one shot's cast, and its detections in the frames where it is due.

    Attributes:
        shot: The shot's number.
        character: Who it is.
        t: Seconds of those frames.
        similarity: Cosine of the detection assigned to it, or in its place; NaN for none.
        present: 1 where it was recognised.
        stranger: Identity number of the surest character in the frame that is of no member; -1
            where there is none.
    """

    shot: int
    character: Character
    t: Floats
    similarity: Floats
    present: Floats
    stranger: NDArray[np.int64]


@dataclass
class CastWatch:
    """Look for the cast in the frames that should show all of it.

    It keeps seven numbers a frame.

    Attributes:
        order: What is ordered.
        sampled: How many frames there were.
    """

    order: Order
    sampled: int = 0
    _rows: Column = field(default_factory=Column)

    def add(self, found: Features) -> None:
        """Take the characters that were found in the next frames."""
        self.sampled += len(found.t)
        for i, t in enumerate(found.t.tolist()):
            moment = self.order.at(t)
            settling = moment.index > 0 and moment.since < SETTLE
            if settling or abs(moment.camera) > HOME:
                continue
            sure = found["score"][i] >= SURE
            alike, strangers = _assigned(found["embedding"][i][sure], moment.shot.cast)
            first = int(strangers[0]) if len(strangers) else -1
            self._rows.extend([t, moment.index, len(strangers), first, *alike])

    @property
    def rows(self) -> Floats:
        """Return time, shot, number of strangers, a stranger and likenesses, `(n, 7)`."""
        return self._rows.values().reshape(-1, _WIDTH)

    def members(self) -> list[Member]:
        """Return every member of every shot that was due in some frame."""
        rows = self.rows
        found = []
        for index in np.unique(rows[:, 1]).astype(int).tolist():
            due = rows[rows[:, 1] == index]
            for place, character in enumerate(self.order.shots[index].cast):
                similarity = due[:, 4 + place]
                present = (np.nan_to_num(similarity, nan=-1.0) >= SAME).astype(np.float64)
                stranger = due[:, 3].astype(np.int64)
                found.append(Member(index, character, due[:, 0], similarity, present, stranger))
        return found


def _assigned(
    embedding: NDArray[np.float32], cast: Sequence[Character]
) -> tuple[list[float], NDArray[np.int64]]:
    """Return each member's similarity, one to one, best first, and the unmatched characters."""
    alike = similarity(embedding, cast).astype(np.float64)
    found = [float("nan")] * MOST_CAST
    taken: set[int] = set()
    for flat in np.argsort(-alike, axis=None, kind="stable").tolist():
        what, place = divmod(flat, len(cast))
        if what not in taken and np.isnan(found[place]):
            found[place] = float(alike[what, place])
            taken.add(what)
    strange = alike.max(axis=1, initial=-1.0) < SAME
    return found, nearest(embedding[strange])


def visits(t: Floats, away: float) -> NDArray[np.int64]:
    """Return the number of the visit of each time; a gap of `away` s separates two."""
    gaps = np.array([b - a > away for a, b in pairwise(t)], np.int64)
    return np.concatenate([[0], np.cumsum(gaps)]) if len(t) else np.empty(0, np.int64)
