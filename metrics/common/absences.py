"""When somebody was away, who took their place, and what their absence counts."""

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
    """A stretch of sampled frames in which somebody was not recognised.

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
        present: 1 where somebody was recognised, `(n,)`, at least once.
        rules: What is no absence yet.
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
    """Return how much of somebody is left in every frame, `(n,)`.

    That is the similarity to what they were, never below `baseline`; `baseline` while they are
    away and nobody is in their place; and what lies between where a detection is missing.

    Args:
        similarity: Of what is taken for them or stands in their place, `(n,)`; NaN for nothing.
        t: Seconds of the frames, `(n,)`.
        away: When they were away.
        baseline: The similarity of those who have nothing to do with each other.
    """
    similarity = similarity.copy()
    for absence in away:
        stretch = slice(absence.start, absence.stop)
        similarity[stretch] = np.nan_to_num(similarity[stretch], nan=baseline)
    known = np.isfinite(similarity)
    return np.maximum(np.interp(t, t[known], similarity[known]), baseline)


def presence(anchor: Anchor) -> Floats:
    """Return 1 where somebody was recognised, `(n,)`; nobody is away before the first sight."""
    present = anchor.present.values()
    present[: int(np.argmax(present))] = 1.0
    return present


def events(bank: AnchorBank, away: Sequence[Sequence[Absence]]) -> list[Event]:
    """Return swaps, losses and reappearances of everybody of a bank, by time.

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
