"""How far the picture jumps where one prompt gives way to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.jumps import Jumps, Mask, with_neighbours

Float = NDArray[np.float64]
# With fewer a median is one switch's affair, and the contrast has no interval.
_FEWEST_SWITCHES = 3
# So many windows' worth of other pairs say what is usual in the clip.
_FEWEST_WINDOWS = 5
# Of a normal distribution, from its median to its ninth decile.
_TO_NINTH_DECILE = 1.2816


class SwitchJumps(NamedTuple):
    """Hold what the jump rises to around the switches and away from them.

    Attributes:
        at: In the window of each switch, `(switches,)`.
        away: In every window as long that touches none, `(windows,)`.
        spread: Of `away`, from the median to the ninth decile, in standard deviations: jumps of
            the video's own make it wide, where the MAD would not see them.
    """

    at: Float
    away: Float
    spread: float


def switch_times(video: VideoContext, answer_seconds: float) -> tuple[list[float], list[float]]:
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
    """Return what the jump rises to around each switch, and in windows as long away from them.

    A window begins one pair before the switch, where a start was rounded down, and ends
    `answer_seconds` after it. It counts with its largest jump less its median: strong motion
    lasts, a jump does not. That is above 0 whatever happens in it, so it is held against other
    windows, not against single pairs.

    Args:
        state: The pairs of the video.
        jump: Jump of every pair, `(n,)`.
        cut: Pairs at and beside declared and detected cuts, `(n,)`. A detected cut at a switch is
            the jump that is asked for; elsewhere it belongs to neither side.
        answer_seconds: How long after its prompt a picture may answer.

    Returns:
        The rises; None with fewer than three switches, or where too little of the clip lies away
        from them.
    """
    every, judged = switch_times(state.video, answer_seconds)
    size = 2 + round(answer_seconds / float(np.median(state.dt)))
    if len(judged) < _FEWEST_SWITCHES or len(jump) < size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(jump, size)
    rise = windows.max(axis=1) - np.median(windows, axis=1)
    at = rise[_starts(state, judged, size)]
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
    """Return the first pair of the window around each of `times` that lies whole in the clip."""
    pairs = np.flatnonzero(state.pairs_at(times)) - 1
    return pairs[(pairs >= 0) & (pairs + size <= len(state.t))]
