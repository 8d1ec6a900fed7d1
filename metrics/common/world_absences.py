"""When a member of the ordered cast was away, and what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvbench.features.world.world_identity import SAME
from lvbench.metrics.common.absences import Absence, absences, retained, sampling_interval
from lvbench.metrics.common.anchor_bank import Rules
from lvbench.metrics.common.world_cast import Member
from lvbench.results.schema import Event
from lvbench.world.grammar import Character

BASELINE = 1 / 3
"""Cosine of characters that have nothing to do with each other: they share one part of three."""

Floats = NDArray[np.float64]


def _clock(member: Member) -> Floats:
    """Return the time in which a member was due, so that the camera's absence is none of theirs."""
    step = sampling_interval(member.t)
    return step * np.arange(len(member.t), dtype=np.float64)


def away(member: Member, loss_seconds: float) -> list[Absence]:
    """Return when a member was not recognised for too long; the indices are of its own frames.

    That it is late, or never comes, is absence too: it is taken as seen just before it was due.
    """
    step = sampling_interval(member.t)
    t = np.concatenate([[-step], _clock(member)])
    rules = Rules(SAME, 0.0, loss_seconds)
    stretches = absences(t, np.concatenate([[1.0], member.present]), rules)
    return [Absence(a.start - 1, a.stop - 1, a.last) for a in stretches]


def left(member: Member, absent: Sequence[Absence]) -> Floats:
    """Return what is left of a member in every frame in which it is due, `(n,)`."""
    similarity = np.where(member.present > 0, member.similarity, np.nan)
    for absence in absent:
        stretch = slice(absence.start, absence.stop)
        similarity[stretch] = member.similarity[stretch]
    if not np.isfinite(similarity).any() and not absent:
        return np.full(len(similarity), BASELINE)
    return retained(similarity, _clock(member), absent, BASELINE)


def events(member: Member, absent: Sequence[Absence]) -> list[Event]:
    """Return the losses and swaps of a member.

    It was swapped where in half of the frames of its absence somebody else is there whom nobody
    ordered, the same one most of the time.
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
