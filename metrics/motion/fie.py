"""Can every second frame be interpolated from its neighbours, and does motion stop and jump?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import Event, ItemScore
from lvbench.video.timing.presentation import Presentation

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

# Mean squared error of rounding to 8 bits: no prediction is better, and a still frame has a PSNR.
_ROUNDING = 1 / 12
# Share of repeats above which a stretch is still, unless it follows a conversion's beat.
_MOST_REPEATED = 0.7
# Share of a conversion's repeats that must be regular for them to represent all.
_NEARLY_ALL = 0.74
_REACH = 12  # Pairs on either side that establish the usual motion.
_STILL = 0.25  # Of the usual motion: below it the picture is still.
_REPEATED = 0.35  # Of the usual change: below it the picture was repeated.
_KEYFRAME = 0.6  # Of the usual change, where motion shows that the picture is still.
_PEAK = 1.25  # Times the motion of both neighbours.
_DROPPED = 1.7  # Times the motion between the peaks: a frame is missing; less is jerk.
_NOISE = 5e-4  # Diagonals: motion below it is the flow's noise.
_GRAIN = 2.0  # Levels: where the most changed pixels change less, it is coding residue.
_CLEAR = 1e-3  # Diagonals: there must be motion between jumps, or keyframes look like jumps.
_LONGEST = 12  # Pairs in a period.
_LATE = 1.5  # Times the usual step in time.
_FEWEST_STOPS = 8  # Times that a period must come back: chance makes three or four ...
_FEWEST_JUMPS = 12  # ... and more of jumps, as every third pair of noise is a peak.
_STRAY = 0.1  # Share of pairs outside the beat that may be marked.
_KEPT = 0.85  # Share of a period's times at which it does.


@dataclass
class _Frames:
    """State: errors of the predicted frames; motion and change of every pair."""

    predicted: Spans
    pairs: Spans
    ends: Column = field(default_factory=Column)


class Fie(Metric[_Frames]):
    """Predict every second frame from its neighbours; find regular stops and jumps.

    Args:
        extractor: What interpolates: `interpolation_reduced`, or `interpolation_amt_s`,
            `interpolation_dis` or `interpolation_blend` at full size.
    """

    info = MetricInfo(
        name="fie",
        version=1,
        headline=ScoreInfo("Frame interpolation error", "levels", None),
        components={
            "psnr": ScoreInfo("Frame interpolation PSNR", "dB", None),
            "gain": ScoreInfo("Frame interpolation gain over blending", "dB", None),
            "doubled": ScoreInfo("Duplicated frame fraction", "", False, range=(0.0, 1.0)),
            "dropped": ScoreInfo("Dropped frame fraction", "", False, range=(0.0, 1.0)),
            **drift_infos("Frame interpolation error", "levels", None),
        },
        needs=("interpolation_reduced", "dis", "shots"),
        range=(0.0, 255.0),
        group="motion",
        gates=("stillness", "loop", "incoherence"),
        series={"error": "levels", "gain": "dB"},
        cites=("lvbench", "baker2011database", "jiang2018superslomo"),
        tolerance=1e-3,
    )

    def __init__(self, extractor: str = "interpolation_reduced") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> _Frames:
        """Return the empty state."""
        return _Frames(Spans(video), Spans(video))

    def update(self, state: _Frames, features: Mapping[str, Features]) -> None:
        """Keep three errors of every predicted frame, motion and change of every pair."""
        if "shots" in features:
            state.predicted.add_cuts(features["shots"])
            state.pairs.add_cuts(features["shots"])
        if self.needs[0] in features:
            found = features[self.needs[0]]
            names = ("before", "after", "error", "squared", "blend_squared")
            for t, *row in zip(found.t, *(found[name] for name in names), strict=True):
                before, after, *errors = (float(number) for number in row)
                state.predicted.add(t - before, t + after, float(t), *errors)
        if "dis" in features:
            flow = features["dis"]
            for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
                field_ = flow["forward"][i]
                diagonal = float(np.hypot(*field_.shape[:2]))
                motion = float(np.hypot(field_[..., 0], field_[..., 1]).mean(dtype=np.float64))
                first, second = flow["gray"][i : i + 2].astype(np.float32)
                state.pairs.add(end - dt, end, end, dt, motion / diagonal, _change(first, second))
                state.ends.append(end)

    def item(self, state: _Frames) -> ItemScore:
        """Return the mean error over the frames that no cut separates from a neighbour."""
        if not len(state.predicted):
            return not_applicable("too_short", "fewer than 3 frames")
        kept = state.predicted.away_from_cuts()
        if not len(kept):
            return not_applicable("only_cuts", "a cut between all frames")
        t, error, squared, blend = kept.T
        seconds = state.predicted.video.segment_seconds
        segments = per_segment(t, error, seconds)
        gain = per_segment(t, _decibels(blend) - _decibels(squared), seconds)
        stops, jumps, events = _rhythm(state)
        components = {
            "psnr": float(np.mean(10 * np.log10(255**2) - _decibels(squared))),
            "gain": float(_decibels(blend.mean()) - _decibels(squared.mean())),
            "doubled": stops,
            "dropped": jumps,
        }
        components |= drift_components(segments)
        return ItemScore(
            value=float(error.mean()),
            components=components,
            series={"error": segments.series(), "gain": gain.series()},
            events=events,
        )


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
    than a quarter, of the usual around it; a jump where motion is a quarter more than in both
    neighbouring pairs. Only regular ones, stops eight times and jumps twelve, are reported; one
    time in seven may be missed. Of jumps three quarters must exceed three quarters of the motion
    between them.

    Args:
        motion: How far the picture moves in each pair of consecutive frames, diagonals, `(n,)`;
            NaN where a cut separates the two.
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
    found = _stops(still)
    for beat in found:
        moves[beat.first : beat.last + 1] = 0.0  # What follows a repeated picture is no jump.
    padded = np.pad(moves, 1)
    peak = moves > _PEAK * np.maximum(np.maximum(padded[:-2], padded[2:]), _NOISE)
    level = _around(moves, 50)
    jumps = [_jump(at, period, moves, level) for at, period in _regular(peak, _FEWEST_JUMPS)]
    found += [beat for beat in jumps if beat]
    return sorted(found, key=lambda beat: (beat.first, beat.period))


def _stops(still: Mask) -> list[Beat]:
    """Return the stretches in which still pairs recur at regular distances."""
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
    """Return the beat of the jumps `at`, or None where they are not distinct."""
    first, last = int(at[0]), int(at[-1])
    between = np.setdiff1d(np.arange(first, last), at)
    if np.median(moves[between]) < _CLEAR:
        return None
    # The overall speed may change on the way.
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
    """Return the stretches in which the times show that frames are missing.

    A gap is longer than one and a half of the video's shortest usual steps; one over which
    nothing moves is how encoders write a still picture. A stretch goes on while the next gap is
    no farther than the longest period.

    Args:
        dt: Seconds of every pair of consecutive frames, 0 where a cut separates the two, `(n,)`.
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


def _change(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return how much the hundredth of the pixels that change most do, levels."""
    difference = np.abs(second - first).ravel()
    count = max(1, len(difference) // 100)
    return float(np.partition(difference, -count)[-count:].mean(dtype=np.float64))


def _decibels(squared: Any) -> Any:
    return 10 * np.log10(squared + _ROUNDING)


def _rhythm(state: _Frames) -> tuple[float, float, list[Event]]:
    """Return the shares of frames doubled and dropped, and every such stretch."""
    ends = state.ends.values()
    motion = np.full(len(ends), np.nan)
    change, dt = np.zeros(len(ends)), np.zeros(len(ends))
    kept = state.pairs.away_from_cuts()
    if len(kept):
        at = np.searchsorted(ends, kept[:, 0])
        dt[at], motion[at], change[at] = kept[:, 1:].T
    shown_as = state.pairs.video.presentation
    found = sorted([*gaps(dt, motion), *beats(motion, change)], key=lambda beat: beat.first)
    doubled = sum(beat.count for beat in found if beat.kind == "doubled")
    dropped = sum(beat.count for beat in found if beat.kind == "dropped")
    shown = len(ends) + 1
    events = [_event(beat, ends) for beat in found]
    if shown_as is not None and not shown_as.distinct.all():
        repeated, where = _repeats(shown_as)
        doubled, shown, events = doubled + repeated, shown_as.coded, [*where, *events]
    return doubled / shown, dropped / (shown + dropped), events


def _repeats(shown: Presentation) -> tuple[int, list[Event]]:
    """Return how many frames repeat a picture in a beat, and every such stretch."""
    found = [
        b for b in _stops(~shown.distinct[1:]) if b.count <= _MOST_REPEATED * (b.last - b.first)
    ]
    count = sum(beat.count for beat in found)
    if count >= _NEARLY_ALL * shown.repeated:
        return count, [_event(beat, shown.coded_pts[1:]) for beat in found]
    # A conversion that rounds has no period in frames.
    at = shown.coded_pts[1:][shown.beat]
    details: dict[str, float | str] = {
        "period": shown.coded / shown.repeated,
        "period_seconds": float(at[-1] - at[0]) / max(1, shown.repeated - 1),
        "count": shown.repeated,
        "ratio": 0.0,
    }
    regular = Event(kind="doubled_frames", start=float(at[0]), end=float(at[-1]), details=details)
    return shown.repeated, [regular]


def _event(beat: Beat, ends: Floats) -> Event:
    """Return a stretch from its first repeated or late frame to its last."""
    start, end = float(ends[beat.first]), float(ends[beat.last])
    pairs = max(1, beat.last - beat.first)
    details: dict[str, float | str] = {
        "period": beat.period,
        "period_seconds": beat.period * (end - start) / pairs,
        "count": beat.count,
        "ratio": beat.ratio,
    }
    return Event(kind=f"{beat.kind}_frames", start=start, end=end, details=details)
