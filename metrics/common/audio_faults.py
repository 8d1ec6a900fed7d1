"""Find the places where a waveform is broken, from what `waveform` says of every 20 ms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.column import Column
from lvbench.results.schema import Event

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

PARTS = 4
_SILENT = 1e-3  # -60 dB of full scale
_DEAD = 1e-4  # -80 dB: no recording falls so low in the middle of a sound
_LOUD = 10 ** (-45 / 20)  # what stands on both sides of a dropout
_SILENCE_SECONDS = 0.3
_LONGEST_DROPOUT = 0.5
_SAME_CLIPPING = 0.5
_BALANCE = 0.05  # -26 dB: less on one side and it is the beginning or end of a sound
_ATTACK = 4.0  # 12 dB: sounds begin suddenly in the middle of others; they do not end so
_DECLARED_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Hops:
    """Hold one row per hop of the sound; see `lvbench.features.audio.waveform`.

    Attributes:
        t: Middle of each hop in seconds.
        jump, jump_t, before, after, clipped, missing: As the extractor gives them, `(n,)`.
        level: `(n, 4)`.
    """

    t: Floats
    jump: Floats
    jump_t: Floats
    before: Floats
    after: Floats
    clipped: Floats
    missing: Floats
    level: Floats

    @staticmethod
    def of(column: Column) -> Hops:
        """Return the rows that a metric has collected, in the order of the attributes."""
        rows = column.values().reshape(-1, 7 + PARTS)
        t, jump, jump_t, before, after, clipped, missing = rows[:, :7].T
        return Hops(t, jump, jump_t, before, after, clipped, missing, rows[:, 7:])

    @property
    def hop(self) -> float:
        """Return the seconds of a hop."""
        return float(np.median(np.diff(self.t)))


def clipping(hops: Hops) -> list[Event]:
    """Return the spans with clipped samples; less than half a second apart is one."""
    return [
        _event("clipping", start, end, share=float(hops.clipped[first:last].mean()))
        for start, end, first, last in _spans(hops, hops.clipped > 0, _SAME_CLIPPING)
    ]


def silences(hops: Hops) -> list[Event]:
    """Return the spans of 0.3 s or more that stay below -60 dB of full scale, holes aside."""
    quiet = (hops.level.max(axis=1) < _SILENT) & (hops.missing <= 0.5)
    return [
        _event("silence", start, end)
        for start, end, _, _ in _spans(hops, quiet, 0.0)
        if end - start >= _SILENCE_SECONDS - hops.hop / 2
    ]


def gaps(hops: Hops) -> list[Event]:
    """Return the holes in the time stamps, and the dropouts: dead silence amid sound.

    A dropout lasts up to half a second and has sound above -45 dB right before and after it.
    """
    holes = [
        _event("gap", start, end, source="time stamps")
        for start, end, _, _ in _spans(hops, hops.missing > 0.5, 0.0)
    ]
    part = hops.hop / PARTS
    level = hops.level.ravel()
    begin = float(hops.t[0]) - hops.hop / 2
    for first, last in _runs(level < _DEAD):
        amid = first > 0 and last < len(level) and last - first >= 2
        if not amid or (last - first) * part > _LONGEST_DROPOUT:
            continue
        sides = min(level[max(0, first - 2) : first].max(), level[last : last + 2].max())
        start, end = begin + first * part, begin + last * part
        if sides >= _LOUD and not any(h.start < end and start < h.end for h in holes):
            holes.append(_event("gap", start, end, source="dropout"))
    return sorted(holes, key=lambda event: event.start)


def discontinuities(
    hops: Hops, seams: Sequence[float], found: float, declared: float, near: list[Event]
) -> list[Event]:
    """Return the jumps of the waveform that stand out of their surroundings.

    There is sound on both sides of a jump, and, away from declared seams, it does not become
    louder by more than 12 dB.

    Args:
        hops: The sound.
        seams: Declared chunk boundaries in seconds.
        found: Least ratio of a jump, anywhere.
        declared: Least ratio of a jump within 50 ms of a seam.
        near: Gaps: their edges are no further fault.
    """
    at_seam = _within(hops.jump_t, seams, _DECLARED_SECONDS)
    stands_out = hops.jump >= np.where(at_seam, declared, found)
    edges = [edge for gap in near for edge in (gap.start, gap.end)]
    quieter, louder = np.minimum(hops.before, hops.after), np.maximum(hops.before, hops.after)
    stands_out &= (quieter > 0) & (quieter >= _BALANCE * louder)
    stands_out &= at_seam | (hops.after <= _ATTACK * hops.before)
    stands_out &= ~_within(hops.jump_t, edges, hops.hop)
    events = []
    for i in np.flatnonzero(stands_out):
        source = "seam" if at_seam[i] else "found"
        at = float(hops.jump_t[i])
        events.append(_event("discontinuity", at, at, jump=float(hops.jump[i]), source=source))
    return events


def _within(t: Floats, times: Sequence[float], reach: float) -> Mask:
    return np.asarray((np.abs(t[:, None] - np.asarray(times, np.float64)) <= reach).any(axis=1))


def _spans(hops: Hops, mask: Mask, join: float) -> list[tuple[float, float, int, int]]:
    """Return start, end, first and last + 1 of each run, runs nearer than `join` as one."""
    spans: list[tuple[float, float, int, int]] = []
    half = hops.hop / 2
    for first, last in _runs(mask):
        start, end = float(hops.t[first]) - half, float(hops.t[last - 1]) + half
        if spans and start - spans[-1][1] < join:
            start, _, first, _ = spans.pop()
        spans.append((start, end, first, last))
    return spans


def _runs(mask: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _event(kind: str, start: float, end: float, **details: float | str) -> Event:
    return Event(kind=kind, start=start, end=end, details=dict(details))
