"""When an anchor was absent, who replaced it, and how its absence counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lvbench.metrics.common.anchor_bank import Anchor, AnchorBank, Rules
from lvbench.metrics.common.tracks import Floats
from lvbench.results.schema import Event


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch of sampled frames in which an anchor was not recognised.

    Attributes:
        start: Index of the first frame of the stretch.
        stop: Index of the first frame after it; the number of frames where it never ends.
        last: Seconds of the last sight before it.
    """

    start: int
    stop: int
    last: float


def absences(t: Floats, present: Floats, rules: Rules) -> list[Absence]:
    """Return the stretches of absence that are more than gaps between detections, in order.

    Args:
        t: Seconds of the sampled frames, `(n,)`.
        present: 1 where the anchor was recognised, `(n,)`, at least once.
        rules: The longest gap that is no absence.
    """
    step = sampling_interval(t)
    seen = [*np.flatnonzero(present), len(t)]
    times = [*t, t[-1] + step]
    return [
        Absence(int(a) + 1, int(b), float(t[a]))
        for a, b in pairwise(seen)
        if times[b] - t[a] > rules.gap(step)
    ]


def sampling_interval(t: Floats) -> float:
    """Return the seconds from one sampled frame to the next."""
    return float(np.median(np.diff(t))) if len(t) > 1 else 0.0


def retained(similarity: Floats, t: Floats, away: Sequence[Absence], baseline: float) -> Floats:
    """Return the similarity that an anchor retains in every frame, `(n,)`.

    It is the similarity to the anchor, never below `baseline`; `baseline` while the anchor is
    absent and not replaced; and interpolated where a detection is missing.

    Args:
        similarity: Of the detection assigned to the anchor or in its place, `(n,)`; NaN for none.
        t: Seconds of the frames, `(n,)`.
        away: When it was absent.
        baseline: The similarity of unrelated people.
    """
    similarity = similarity.copy()
    for absence in away:
        stretch = slice(absence.start, absence.stop)
        similarity[stretch] = np.nan_to_num(similarity[stretch], nan=baseline)
    known = np.isfinite(similarity)
    return np.maximum(np.interp(t, t[known], similarity[known]), baseline)


def presence(anchor: Anchor) -> Floats:
    """Return 1 where an anchor was recognised, `(n,)`; it is not absent before its first sight."""
    present = anchor.present.values()
    present[: int(np.argmax(present))] = 1.0
    return present


def events(bank: AnchorBank, away: Sequence[Sequence[Absence]]) -> list[Event]:
    """Return swaps, losses and reappearances of every anchor of a bank, by time.

    Args:
        bank: The bank.
        away: Absences of each anchor.
    """
    found: list[Event] = []
    t, near = bank.t, bank.rules.gap(sampling_interval(bank.t))
    free = sorted(bank.newcomers, key=lambda newcomer: newcomer.first)
    for i, stretches in enumerate(away):
        for absence in stretches:
            end = float(t[min(absence.stop, len(t) - 1)])
            details: dict[str, float | str] = {"identity": i}
            came = [n for n in free if absence.last < n.first <= absence.last + near]
            if came:
                free.remove(came[0])
                details |= {"similarity": came[0].likeness[i]}
                found.append(Event(kind="swap", start=came[0].first, end=end, details=details))
            else:
                gone = float(t[absence.start])
                found.append(Event(kind="loss", start=gone, end=end, details=details))
            if absence.stop < len(t):
                details = {"identity": i, "absent": end - absence.last}
                found.append(Event(kind="reappearance", start=end, end=end, details=details))
    return sorted(found, key=lambda event: (event.start, event.kind))
