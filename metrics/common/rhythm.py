"""Find the beat of doubled and dropped frames in the motion of consecutive frame pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

_REACH = 12  # Pairs on either side that say what is usual there.
_STILL = 0.25  # Of the usual motion: below it the picture stands.
_REPEATED = 0.35  # Of the usual change: below it the picture was repeated.
_KEYFRAME = 0.6  # Of the usual change, where motion tells that the picture stands.
_PEAK = 1.25  # Times the motion of both neighbours.
_DROPPED = 1.7  # Times the motion between the peaks: a frame is missing; less is jerk.
_NOISE = 5e-4  # Diagonals: motion below it is the flow's noise.
_GRAIN = 2.0  # Levels: where the most changed pixels change less, it is coding residue.
_CLEAR = 1e-3  # Diagonals: what lies between jumps must be motion, or keyframes look like jumps.
_LONGEST = 12  # Pairs in a period.
_LATE = 1.5  # Times the usual step in time.
_FEWEST_STOPS = 8  # Times that a period must come back: chance makes three or four ...
_FEWEST_JUMPS = 12  # ... and more of jumps, as every third pair of noise is a peak.
_STRAY = 0.1  # Share of pairs that may be marked beside those of the beat.
_KEPT = 0.85  # Share of a period's times at which it does.


@dataclass(frozen=True, slots=True)
class Beat:
    """A stretch of pairs in which motion stops or jumps at regular distances.

    Attributes:
        kind: `doubled` (the picture is repeated), `dropped` (it jumps over a frame) or `jerk`.
        first: Index of the first such pair.
        last: Index of the last.
        period: Pairs from one to the next.
        count: Such pairs from the first to the last.
        ratio: Of jumps: their motion over that of the pairs between them, medians; of a gap:
            seconds over the usual step; of stops 0.
    """

    kind: str
    first: int
    last: int
    period: int
    count: int
    ratio: float


def beats(motion: Floats, change: Floats) -> list[Beat]:
    """Return the regular stops and jumps of a video's motion, by time.

    A pair is a stop where change is less than about a third, and motion where there is any less
    than a quarter, of what is usual around it; a jump where motion is a quarter more than in both
    pairs beside it. Only what comes back at one distance, stops eight times and jumps twelve, is
    reported; one time in seven may be missed. Of jumps three quarters must exceed three quarters
    of what lies between.

    Args:
        motion: How far the picture moves in each pair of consecutive frames, diagonals, `(n,)`;
            NaN where a cut lies between the two.
        change: Mean absolute difference of the hundredth of the pixels that differ most between
            the two frames, levels, `(n,)`: a small subject before a still camera has one too.
    """
    if len(motion) < 2 * _FEWEST_STOPS:
        return []
    moves = np.nan_to_num(motion)
    usual, usual_change = _around(moves, 75), _around(change, 75)
    # A keyframe changes a repeated picture too, but moves nothing.
    residue = np.where(usual > _CLEAR, _KEYFRAME, _REPEATED) * usual_change
    still = (change < residue) & (usual_change > _GRAIN)
    still &= (moves < _STILL * usual) | (usual < _NOISE)
    found = stops(still)
    for beat in found:
        moves[beat.first : beat.last + 1] = 0.0  # What follows a repeated picture is no jump.
    padded = np.pad(moves, 1)
    peak = moves > _PEAK * np.maximum(np.maximum(padded[:-2], padded[2:]), _NOISE)
    level = _around(moves, 50)
    jumps = [_jump(at, period, moves, level) for at, period in _regular(peak, _FEWEST_JUMPS)]
    found += [beat for beat in jumps if beat]
    return sorted(found, key=lambda beat: (beat.first, beat.period))


def stops(still: Mask) -> list[Beat]:
    """Return the stretches in which pairs that stand still come back at regular distances."""
    return [
        Beat("doubled", int(at[0]), int(at[-1]), period, len(at), 0.0)
        for at, period in _regular(still, _FEWEST_STOPS)
    ]


def _around(values: Floats, share: float) -> Floats:
    """Return what `share` per cent of the pairs around each stay below."""
    padded = np.pad(values, _REACH, mode="symmetric")
    level: Floats = np.percentile(sliding_window_view(padded, 2 * _REACH + 1), share, axis=1)
    return level


def _jump(at: Indices, period: int, moves: Floats, level: Floats) -> Beat | None:
    """Return the beat of the jumps `at`, or None where they do not stand out."""
    first, last = int(at[0]), int(at[-1])
    between = np.setdiff1d(np.arange(first, last), at)
    if np.median(moves[between]) < _CLEAR:
        return None
    # The speed of the whole may change on the way.
    relative = moves / level.clip(_NOISE)
    if np.percentile(relative[at], 25) < np.percentile(relative[between], 75):
        return None
    ratio = float(np.median(relative[at]) / np.median(relative[between]))
    kind = "dropped" if ratio >= _DROPPED else "jerk"
    return Beat(kind, first, last, period, len(at), ratio)


def _regular(marks: Mask, fewest: int) -> Iterator[tuple[Indices, int]]:
    """Yield the indices and the period of marks that come back, shortest period first."""
    free = marks.copy()
    for period in range(2, _LONGEST + 1):
        chains = [c for phase in range(period) for c in _chains(free, phase, period, fewest)]
        for group in _overlapping(chains):
            at = np.unique(np.concatenate(group))
            stray = marks[at[0] : at[-1] + 1].mean() - len(group) / period
            # Where most others are marked too, it is no beat but a freeze, or noise.
            if len(group) < period and stray < _STRAY:
                free[at] = False
                yield at, period


def _chains(marks: Mask, phase: int, period: int, fewest: int) -> Iterator[Indices]:
    """Yield the indices of the marks of one phase that come back often enough."""
    hits = np.flatnonzero(marks[phase::period])
    for chain in np.split(hits, np.flatnonzero(np.diff(hits) > 2) + 1):
        if len(chain) >= fewest and len(chain) >= _KEPT * (chain[-1] - chain[0] + 1):
            yield chain * period + phase


def _overlapping(chains: list[Indices]) -> list[list[Indices]]:
    """Return the chains in groups that share time."""
    groups: list[list[Indices]] = []
    end = -1
    for chain in sorted(chains, key=lambda chain: int(chain[0])):
        if chain[0] > end:
            groups.append([])
        groups[-1].append(chain)
        end = max(end, int(chain[-1]))
    return groups


def gaps(dt: Floats, motion: Floats) -> list[Beat]:
    """Return the stretches in which the times say that frames are missing.

    A gap is longer than one and a half of the video's shortest usual steps; one over which
    nothing moves is how encoders write a still picture. A stretch goes on while the next gap is
    no farther than the longest period.

    Args:
        dt: Seconds of every pair of consecutive frames, 0 where a cut lies between, `(n,)`.
        motion: As for `beats`.
    """
    steps = dt[dt > 0]
    if len(steps) < 2:
        return []
    usual = float(np.percentile(steps, 10))
    late = np.flatnonzero((dt > _LATE * usual) & (np.nan_to_num(motion) > _NOISE))
    if not len(late):
        return []
    found = []
    for group in np.split(late, np.flatnonzero(np.diff(late) > _LONGEST) + 1):
        count = int(np.rint(dt[group] / usual - 1).sum())
        period = round(float(np.median(np.diff(group)))) if len(group) > 1 else 0
        ratio = float(np.median(dt[group])) / usual
        found.append(Beat("dropped", int(group[0]), int(group[-1]), period, count, ratio))
    return found
