"""Does everything that moves keep one pace, or does the whole picture stop and jump?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans, continues
from lvbench.results.schema import ItemScore
from lvbench.video.timing.presentation import Presentation

Array = NDArray[Any]
Floats = NDArray[np.float64]
_POINTS = 64  # along the longer side
_BEATS = 96  # coded frames in which the phase of a rate conversion is fixed
_PHASES = 120
_ROUNDING = 0.05  # Of a coded frame: containers stamp in milliseconds.


@dataclass(frozen=True)
class _Before:
    """The pair before a frame: seconds, flow back to its first frame, and where that holds."""

    seconds: float
    backward: Array
    consistent: Array


@dataclass
class _Pace:
    """State: the change of pace at every frame, and the pair before the next one.

    `frames` counts those in a row, `pairs` the pairs between two of them.
    """

    spans: Spans
    end: float = -np.inf
    number: int = 0
    last: _Before | None = None
    moved: tuple[float, Array] = (-np.inf, np.zeros(0))
    frames: int = 0
    followed: int = 0
    pairs: int = 0


class FlowSmoothness(Metric[_Pace]):
    """Find frame pairs in which all points are slower, or faster, than before and after.

    Args:
        moving: Smallest displacement of a point in one pair, pixels of the flow's grid.
        area: Smallest fraction of the picture that must move at a frame.
        coverage: Smallest fraction of the picture that must be seen before and after.
        hold_seconds: Longest stop that counts as uneven pace; a longer one is a freeze.
        active: Smallest fraction of the frames within `hold_seconds` at which something moves.
        measured: Smallest fraction of the video that must be measured.
        extractor: Optical flow that is read: `dis`, `raft_small`, `raft_large`.
    """

    info = MetricInfo(
        name="flow_smoothness",
        version=1,
        headline=ScoreInfo("Flow smoothness", "", True),
        components={
            "uneven": ScoreInfo("Uneven motion", "", False, range=(0.0, 1.0)),
            "off_beat": ScoreInfo("Repeats off the beat", "", False, range=(0.0, 1.0)),
            "measured": ScoreInfo("Flow smoothness, measured fraction", "", None),
        },
        needs=("dis", "shots"),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness", "loop", "incoherence"),
        series={"smoothness": ""},
        cites=("lvbench", "sundaram2010dense"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        moving: float = 0.25,
        area: float = 0.02,
        coverage: float = 0.15,
        hold_seconds: float = 0.5,
        active: float = 0.3,
        measured: float = 0.1,
        extractor: str = "dis",
    ) -> None:
        self.moving, self.area, self.coverage = moving, area, coverage
        self.hold_seconds, self.active, self.measured = hold_seconds, active, measured
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> _Pace:
        """Return the empty state."""
        return _Pace(Spans(video))

    def update(self, state: _Pace, features: Mapping[str, Features]) -> None:
        """Compare the pace of every two consecutive pairs."""
        if "shots" in features:
            state.spans.add_cuts(features["shots"])
        if self.needs[0] not in features:
            return
        flow = features[self.needs[0]]
        step = max(1, max(flow["gray"].shape[1:]) // _POINTS)
        points = np.s_[step // 2 :: step, step // 2 :: step]
        for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
            if not continues(state.end, end - dt):
                state.last, state.moved, state.frames = None, (-np.inf, np.zeros(0)), 0
                state.number += 1  # A gap in the numbers: nothing is compared across it.
            if state.last is not None:
                both = state.last.consistent & flow["consistent"][i][points]
                state.followed += bool(both.mean() >= self.coverage)
                after = flow["forward"][i][points] / np.float32(dt)
                before = state.last.backward / np.float32(-state.last.seconds)
                start, middle = end - dt - state.last.seconds, end - dt
                least = self.moving / min(dt, state.last.seconds)
                moves = both & (_squared(before) > least * least)
                if moves.mean() >= self.area:
                    state.moved = (middle, np.where(moves[..., None], before, 0))
                when, earlier = state.moved
                known = middle - when <= self.hold_seconds + 1e-6
                change = self._change(before, after, both, least, earlier if known else None)
                state.spans.add(start, end, middle, state.number, change)
                state.pairs += state.frames > 0
                state.frames += 1
            state.number += 1
            state.last = _Before(
                dt, flow["backward"][i][points], flow["consistent_backward"][i][points]
            )
            state.end = end

    def _change(
        self, before: Array, after: Array, usable: Array, least: float, earlier: Array | None
    ) -> float:
        """Return the relative change of speed that all moving points share, -1 to 1.

        NaN where too little moves. What differs between points, and what turns the motion, is
        not the pace: both are taken off. Points that get faster must go the way they went
        `earlier`, when they last moved: else they start, or never moved.
        """
        if usable.mean() < self.coverage:
            return np.nan
        moves = usable & (_squared(after + before) > 4 * least * least)
        if moves.mean() < self.area:
            return np.nan
        a, b = after[moves], before[moves]
        total = _squared(a + b)
        along = np.clip((_squared(a) - _squared(b)) / total, -1, 1)
        across = np.clip(2 * (b[:, 0] * a[:, 1] - b[:, 1] * a[:, 0]) / total, -1, 1)
        common = float(np.median(along))
        scatter = float(np.median(np.abs(along - np.float32(common))) + np.median(np.abs(across)))
        size = max(0.0, abs(common) - scatter)
        if common < 0:
            return -size
        return 0.0 if earlier is None else size * _agreement(a, earlier[moves])

    def item(self, state: _Pace) -> ItemScore:
        """Return one minus the uneven pace, of motion and of the display."""
        if not state.pairs:
            return not_applicable("too_short", "fewer than 4 frames")
        t, uneven = self._uneven(state.spans)
        if len(t) < max(1.0, self.measured * state.pairs):
            followed = state.followed >= 0.5 * len(state.spans)
            return not_applicable(
                "no_motion" if followed else "untrackable",
                f"{len(t)} of {state.pairs} frame pairs are part of motion that flow can follow "
                f"(more than {self.moving:g} pixels on {self.area:.0%} of the picture)",
            )
        off_beat = repeats_off_beat(state.spans.video.presentation)
        series = per_segment(t, 1 - uneven, state.spans.video.segment_seconds).series()
        return ItemScore(
            value=float(max(0.0, 1 - uneven.mean() - off_beat)),
            components={
                "uneven": float(uneven.mean()),
                "off_beat": off_beat,
                "measured": len(t) / state.pairs,
            },
            series={"smoothness": series},
        )

    def _uneven(self, spans: Spans) -> tuple[Floats, Floats]:
        """Return the time of every measured pair, and how uneven its pace is."""
        rows = spans.away_from_cuts()
        if len(rows) < 2:
            return np.empty(0), np.empty(0)
        parts = np.split(rows, np.flatnonzero(np.diff(rows[:, 1]) != 1) + 1)
        found = [self._of_shot(part[:, 0], part[:, 2]) for part in parts if len(part) > 1]
        if not found:
            return np.empty(0), np.empty(0)
        t, uneven = (np.concatenate(x) for x in zip(*found, strict=True))
        return t, uneven

    def _of_shot(self, t: Floats, change: Floats) -> tuple[Floats, Floats]:
        """Measure the pairs between frames at `t`, at which the pace changes by `change`.

        A pair is uneven by the smaller of the changes before and after it, where one of them
        undoes the other. Inside a stop there is no change; the last and the next one count.
        """
        known = np.flatnonzero(np.isfinite(change))
        moves = np.isfinite(change)
        if not len(known):
            return np.empty(0), np.empty(0)
        pairs = np.arange(len(t) - 1)
        last = known[np.clip(np.searchsorted(known, pairs, side="right") - 1, 0, None)]
        following = known[np.clip(np.searchsorted(known, pairs + 1), None, len(known) - 1)]
        near = (last <= pairs) & (following > pairs)
        near &= (t[pairs] - t[last] <= self.hold_seconds + 1e-6) & (
            t[following] - t[pairs + 1] <= self.hold_seconds + 1e-6
        )
        total = np.concatenate([[0], np.cumsum(moves)])
        first = np.searchsorted(t, t[:-1] - self.hold_seconds - 1e-6)
        stop = np.searchsorted(t, t[1:] + self.hold_seconds + 1e-6)
        near &= (total[stop] - total[first]) / (stop - first) >= self.active
        before, after = change[last[near]], change[following[near]]
        uneven = np.where(before * after < 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
        return t[1:][near], uneven


def _squared(vectors: Array) -> Array:
    out: Array = vectors[..., 0] ** 2 + vectors[..., 1] ** 2
    return out


def _agreement(first: Array, second: Array) -> float:
    """Return the cosine of two fields of vectors `(n, 2)`, 0 where they disagree."""
    sizes = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return max(0.0, float((first * second).sum()) / max(sizes, 1e-6))


def repeats_off_beat(presentation: Presentation | None) -> float:
    """Return the fraction of a file's frames next to ones that no regular conversion shows there.

    A conversion repeats pictures in a strict pattern, which differs from the file's in none of its
    frames but where a time stamp was rounded; frames that are doubled or late at random differ in
    many. Where one is off, the pair that it ends is uneven, and the next one that undoes it.

    Args:
        presentation: Which frames repeat the one before; None if unknown.
    """
    if presentation is None or not presentation.beat.any():
        return 0.0
    new = presentation.distinct[1:]
    size = min(_BEATS, len(new))
    starts = range(0, len(new) - size + 1, max(1, size // 2))
    return float(np.mean([_off_pattern(new[a : a + size]) for a in starts]))


def _off_pattern(new: NDArray[np.bool_]) -> float:
    """Return the fraction of frames that differ from the strict pattern that fits best, or follow.

    Of the patterns, the one that differs in the fewest frames fits best.
    """
    size, rate = len(new), float(new.mean())
    simple = sorted({n / d for d in range(1, size) for n in range(1, d + 1)})
    near = [r for r in simple if abs(r - rate) <= 1 / size]
    phase = (np.arange(_PHASES)[:, None] + 0.5) / _PHASES
    fewest_off, best = size + 1, np.ones(size, np.bool_)
    for rate in near:
        # A picture within the rounding of a frame's border may come before it or after it.
        clock = np.arange(size + 1) * rate + phase
        early, late = (np.floor(clock + side * _ROUNDING * rate) for side in (1, -1))
        fewest, most = late[:, 1:] - early[:, :-1], early[:, 1:] - late[:, :-1]
        off = (new < fewest) | (new > most)
        counts = off.sum(axis=1)
        if counts.min() < fewest_off:
            fewest_off, best = int(counts.min()), off[counts.argmin()]
    return float((best | np.append(False, best[:-1])).mean())
