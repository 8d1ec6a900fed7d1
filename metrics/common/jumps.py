"""How much the picture jumps from frame to frame: in pixels, in motion, in colour."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import sample
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.pace import Pace
from lvbench.stats.quantiles import median

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
FLOORS = {"pixel": 0.5, "position": 0.0005, "colour": 0.2}
"""Smallest spread: levels, fractions of the diagonal, CIELAB units. A smaller one is invisible."""
_POINTS = np.s_[2::4, 2::4]  # Pixels that are read: neighbours have almost the same flow.
_FOLLOWED = 0.1  # Of the picture, that flow must join for the rest to be left out.
_SIDE = 3  # Pairs on each side with which a jump is compared.
_HELD = 3.0  # Frames' worth of change that may come at once where frames were lost.
_LASTS = 7  # Frames in whose median a change of colour must last: a flash does not.
# With fewer the median depends on one switch, and the contrast has no interval.
_FEWEST_SWITCHES = 3
# Windows' worth of other pairs that establish the usual jump of the clip.
_FEWEST_WINDOWS = 5
# Of a normal distribution, from its median to its ninth decile.
_TO_NINTH_DECILE = 1.2816


@dataclass
class Jumps:
    """What changes over every frame pair of one video: residual, displacement, colour.

    Attributes:
        video: The video's context.
    """

    video: VideoContext
    _t: Column = field(default_factory=Column)
    _dt: Column = field(default_factory=Column)
    _pixel: Column = field(default_factory=Column)
    _velocity: Column = field(default_factory=Column)
    _scatter: Column = field(default_factory=Column)
    _last: NDArray[np.float32] | None = None
    _unlike: Column = field(default_factory=Column)
    _lab: Column = field(default_factory=Column)
    _pace: Pace = field(default_factory=Pace)
    _cuts: list[float] = field(default_factory=list)

    def add_cuts(self, shots: Features) -> None:
        """Take the cuts that the extractor `shots` found."""
        self._cuts.extend(shots.t.tolist())

    def add_colour(self, lab: Features) -> None:
        """Take the mean colours of the extractor `lab_statistics`."""
        self._lab.extend(np.stack([lab[f"mean_{c}"] for c in "Lab"], axis=1))

    def add_flow(self, pairs: Features) -> None:
        """Reduce the pairs of the extractor `dis` to a few numbers each."""
        import cv2

        gray, backward = pairs["gray"], pairs["backward"]
        diagonal = float(np.hypot(*gray.shape[1:]))
        self._t.extend(pairs.t)
        self._dt.extend(pairs["dt"])
        each = zip(pairs["forward"], pairs["consistent"], pairs["dt"], strict=True)
        for i, (flow, seen, dt) in enumerate(each):
            # All pixels, not only the consistent ones: the jump is what no flow explains.
            moved = sample(gray[i], backward[i])
            self._pixel.append(cv2.norm(moved, gray[i + 1], cv2.NORM_L1) / moved.size)
            self._unlike.append(1.0 - float(pairs["consistent_backward"][i].mean()))
            self._add_motion(flow[_POINTS] / np.float32(diagonal * dt), seen[_POINTS])
            self._pace.add(flow, float(dt))

    def _add_motion(self, velocity: NDArray[np.float32], seen: Mask) -> None:
        """Take the median velocity, and how much its change differs between the points.

        Flow of a plain surface under flicker is chance: it seldom leads back, and jumps otherwise
        from point to point.
        """
        use = seen if seen.mean() >= _FOLLOWED else np.ones_like(seen)
        last = velocity if self._last is None else self._last
        apart = [plane - median(plane) for plane in (velocity - last)[use].T.copy()]
        self._velocity.extend(np.array([median(plane) for plane in velocity[use].T.copy()]))
        self._scatter.append(float(median(np.hypot(*apart))))
        self._last = velocity

    @property
    def t(self) -> Float:
        """Return the times of the pairs' second frames, in seconds."""
        return self._t.values()

    @property
    def dt(self) -> Float:
        """Return the seconds between the frames of each pair."""
        return self._dt.values()

    @property
    def frame(self) -> float:
        """Return the usual number of seconds between two frames."""
        return float(np.median(self.dt))

    def by_kind(self) -> dict[str, Float]:
        """Return the jump of every pair: `pixel`, `position`, `colour`, in the units of `FLOORS`.

        A jump is the difference to the nearest of four: the pair before, the pair after, the
        medians of three on each side. Motion, and a motion that begins, is none. One of position
        or colour is the distance to the line from no change to three times the nearest: lost frames
        are none. One of colour is no larger than the change of the median colour of seven frames.
        """
        moved = self._velocity.values().reshape(-1, 2) * self.frame
        lab = self._lab.values().reshape(-1, 3)
        pixel = self._pixel.values()[:, None]
        before, after = _medians(pixel, _SIDE)
        lasting = _medians(lab, _LASTS)[1][:-1] - _medians(lab, _LASTS)[0][1:]
        colour = np.fmin(_off(np.diff(lab, axis=0)), np.linalg.norm(lasting, axis=1))
        return {
            "pixel": np.fmin(pixel - before, pixel - after)[:, 0],
            "position": np.maximum(_off(moved) - self._scatter.values() * self.frame, 0.0),
            "colour": colour,
        }

    def colour_gap(self) -> Float:
        """Return the gap between the colours of the seven frames before and after each pair."""
        return _gap(self._lab.values().reshape(-1, 3))

    def pace(self) -> tuple[Float, Float]:
        """Return the change of pace at every pair, and how alike the motions are (see `Pace`)."""
        return self._pace.changes()

    def cuts(self, other_picture: float) -> Mask:
        """Return the pairs at declared and detected cuts, and their neighbours.

        A strong seam looks like a cut to the detector. At a cut, though, no flow joins the two
        pictures: a detected one counts only where forward and backward flow disagree on more than
        `other_picture` of the picture.
        """
        detected = self.pairs_at(self._cuts) & (self._unlike.values() > other_picture)
        return with_neighbours(detected | self.pairs_at(self.video.cuts))

    def untrackable(self, other_picture: float) -> bool:
        """Return whether flow loses more than `other_picture` of most pairs."""
        return float(np.median(self._unlike.values())) > other_picture

    def declared_seams(self) -> Mask:
        """Return the pairs at declared seams, without those at which a cut is declared too."""
        reach = self.video.segment_seconds / 2
        cuts = np.asarray(self.video.cuts)
        return self.pairs_at(
            [s for s in self.video.seams or () if not np.any(np.abs(cuts - s) <= reach)]
        )

    def pairs_at(self, times: Sequence[float]) -> Mask:
        """Return the pairs whose second frame is the first at or after one of `times`."""
        t = self.t
        mask = np.zeros(len(t), np.bool_)
        # Times are written with few digits.
        wanted = np.asarray(times, np.float64) - 1e-3
        inside = wanted[(wanted > t[0] - self.dt[0]) & (wanted <= t[-1])]
        mask[np.searchsorted(t, inside)] = True
        return mask


def _off(x: Float) -> Float:
    """Return how far each row of `x` is off the nearest of what is around it, `(n,)`.

    That is any multiple from 0 to `_HELD` of the row before, the row after, or the median of the
    three rows on one side.
    """
    off = []
    for side in (*_medians(x, _SIDE), *_medians(x, 1)):
        along = (x * side).sum(axis=1) / np.maximum(np.square(side).sum(axis=1), 1e-12)
        off.append(np.linalg.norm(x - np.clip(along, 0, _HELD)[:, None] * side, axis=1))
    found: Float = np.nan_to_num(np.fmin.reduce(off))
    return found


def _medians(x: Float, count: int) -> tuple[Float, Float]:
    """Return the medians of the `count` rows before each row and after it, NaN without any."""
    edge = np.full((count, x.shape[1]), np.nan)
    padded = np.concatenate([edge, x, edge])
    windows = np.lib.stride_tricks.sliding_window_view(padded, count, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # The first has none before it.
        found: Float = np.nanmedian(windows, axis=2)
    return found[: len(x)], found[count + 1 :]


def _gap(x: Float) -> Float:
    """Return the gap between the rows before and after each pair of rows, `(n - 1,)`.

    It is measured along the way from the median of `_LASTS` rows before to that of as many after;
    0 where the two groups overlap.
    """
    edge = np.full((_LASTS, x.shape[1]), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([edge, x, edge]), _LASTS, 0)
    before, after = windows[1 : len(x)], windows[_LASTS + 1 : len(x) + _LASTS]
    way = (np.nanmedian(after, axis=2) - np.nanmedian(before, axis=2))[..., None]
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    gap = np.nanmin((after * way).sum(axis=1), axis=1) - np.nanmax(
        (before * way).sum(axis=1), axis=1
    )
    return np.asarray(np.maximum(gap, 0.0))


def standardise(x: Float, floor: float) -> Float:
    """Return `x` in robust standard deviations from its median, none smaller than `floor`."""
    centre = np.median(x)
    scaled: Float = (x - centre) / max(1.4826 * float(np.median(np.abs(x - centre))), floor)
    return scaled


def with_neighbours(mask: Mask) -> Mask:
    """Return `mask` with the pairs before and after."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    return wide


class SwitchJumps(NamedTuple):
    """The rise of the jump around the switches and away from them.

    Attributes:
        at: In the window of each switch, `(switches,)`.
        away: In every window as long that touches none, `(windows,)`.
        spread: Of `away`, from the median to the ninth decile, in standard deviations: jumps of
            the video's own make it wide, where the MAD would not see them.
    """

    at: Float
    away: Float
    spread: float


def _switch_times(video: VideoContext, answer_seconds: float) -> tuple[list[float], list[float]]:
    """Return when the text of the schedule changes: all changes, and those without a planned cut.

    A cut that is declared within half a segment or `answer_seconds` of a change is its own jump.
    """
    cuts = np.asarray(video.cuts, np.float64)
    every = [start for (_, before), (start, text) in pairwise(video.prompts) if text != before]
    reach = max(video.segment_seconds / 2, answer_seconds)
    return every, [start for start in every if not np.any(np.abs(cuts - start) <= reach)]


def jumps_at_switches(
    state: Jumps, jump: Float, cut: Mask, answer_seconds: float
) -> SwitchJumps | None:
    """Return the rise of the jump around each switch, and in windows as long away from them.

    A window begins one pair before the switch, where a start was rounded down, and ends
    `answer_seconds` after it. It counts with its largest jump less its median: strong motion
    lasts, a jump does not. That is above 0 whatever happens in it, so it is compared with
    other windows, not with single pairs.

    Args:
        state: The pairs of the video.
        jump: Jump of every pair, `(n,)`.
        cut: Pairs at and next to declared and detected cuts, `(n,)`. A detected cut at a switch is
            the requested jump; elsewhere it belongs to neither side.
        answer_seconds: How long after its prompt a picture may answer.

    Returns:
        The rises; None with fewer than three switches, or where too little of the clip is away
        from them.
    """
    every, uncut = _switch_times(state.video, answer_seconds)
    size = 2 + round(answer_seconds / state.frame)
    if len(uncut) < _FEWEST_SWITCHES or len(jump) < size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(jump, size)
    rise = windows.max(axis=1) - np.median(windows, axis=1)
    at = rise[_starts(state, uncut, size)]
    near = np.zeros(len(jump), np.bool_)
    for start in _starts(state, every, size):
        near[start : start + size] = True
    other = ~cut & ~with_neighbours(near)
    away = rise[np.lib.stride_tricks.sliding_window_view(other, size).all(axis=1)]
    if len(at) < _FEWEST_SWITCHES or len(away) < _FEWEST_WINDOWS * size:
        return None
    middle, high = np.quantile(away, [0.5, 0.9])
    return SwitchJumps(at, away, float(high - middle) / _TO_NINTH_DECILE)


def _starts(state: Jumps, times: Sequence[float], size: int) -> NDArray[np.int64]:
    """Return the first pair of the window around each of `times` that is entirely in the clip."""
    pairs = np.flatnonzero(state.pairs_at(times)) - 1
    return pairs[(pairs >= 0) & (pairs + size <= len(state.t))]
