"""What fraction of the video's time repeats an earlier part?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.picture_file import PictureFile
from lvbench.metrics.common.repeats import Repeat, search
from lvbench.metrics.common.runs import runs
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.thumbnails import Thumbnails
from lvbench.results.schema import Event, ItemScore

Float = NDArray[np.float64]
_SMOOTH = 5
# Seconds between thumbnails, with room for rounding.
_STEP = 1 / 30 - 2e-3
_WINDOW = 1.0  # Seconds over which motion is usual.
_TRIALS = 5
# Times the limit: at a lag that is one off, and at the best lag.
_FAR, _HOPELESS = 4.0, 1.5
_CLOSE = 0.25  # Times the limit, in a short run.
_MEASURED = 0.1  # Share of the time that must move, or nothing can be said.


@dataclass
class Thumbs:
    """The thumbnails of one video."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    pictures: PictureFile = field(default_factory=PictureFile)
    last: float = -np.inf


class Loop(Metric[Thumbs]):
    """Find runs of moving frames that match an earlier run, forwards or backwards.

    Args:
        ratio: A frame matches an earlier one if, aligned, they differ by less than `ratio` times
            what aligned frames differ by over `step_seconds` there.
        step_seconds: Time over which the picture's own motion is measured.
        still: Motion below which nothing can be said, levels (root mean square over a thumbnail).
        minimum_seconds: Shortest repeat.
        minimum_period: Shortest period.
    """

    info = MetricInfo(
        name="loop",
        version=1,
        headline=ScoreInfo("Exact repeats", "", False),
        components={
            "period": ScoreInfo("Period of the longest loop", "s", None, range=(0.0, None)),
            "measured": ScoreInfo("Exact repeats, measured fraction", "", None, range=(0.0, 1.0)),
        },
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="motion",
        series={"repeated": ""},
        cites=("lvbench",),
    )

    def __init__(
        self,
        ratio: float = 0.65,
        step_seconds: float = 0.25,
        still: float = 0.5,
        minimum_seconds: float = 0.6,
        minimum_period: float = 0.5,
    ) -> None:
        self.ratio, self.step_seconds, self.still = ratio, step_seconds, still
        self.minimum_seconds, self.minimum_period = minimum_seconds, minimum_period

    def new_state(self, video: VideoContext) -> Thumbs:
        """Return the empty state."""
        return Thumbs(video)

    def update(self, state: Thumbs, features: Mapping[str, Features]) -> None:
        """Keep the thumbnails."""
        found = features["fingerprint"]
        for t, picture in zip(found.t.tolist(), found["thumbnail"], strict=True):
            if t > state.last + _STEP:
                state.last = t
                state.t.append(t)
                state.pictures.extend(picture[None])

    def item(self, state: Thumbs) -> ItemScore:
        """Return the fraction of time that is a repeat, with every loop as an event."""
        t = state.t.values()
        if len(t) < 2:
            return not_applicable("too_short", "fewer than 3 frames")
        pictures = Thumbnails(state.pictures)
        frame = float(np.median(np.diff(t)))
        length = max(3, round(self.minimum_seconds / frame))
        step = max(1, round(self.step_seconds / frame))
        window = max(3, round(_WINDOW / frame))
        motion = pictures.motion(step, window)
        moving = motion > self.still**2
        if moving.mean() < _MEASURED:
            return not_applicable("no_motion", "the picture hardly moves: nothing can repeat")
        limit = np.where(moving, self.ratio**2 * motion, 0.0)
        nearest = max(2, round(self.minimum_period / frame))
        found = find_repeats(pictures, limit, nearest=nearest, length=length, sure=window)
        repeated = np.zeros(len(t), np.bool_)
        for repeat in found:
            repeated[repeat.first : repeat.last] = True
        events = [_event(repeat, t) for repeat in found]
        longest = max(events, key=lambda e: e.end - e.start, default=None)
        period = {"period": float(longest.details["period"])} if longest else {}
        series = per_segment(t, repeated.astype(np.float64), state.video.segment_seconds)
        return ItemScore(
            value=float(repeated.mean()),
            components={**period, "measured": float(moving.mean())},
            series={"repeated": series.series()},
            events=events,
        )


def find_repeats(
    pictures: Thumbnails, limit: Float, *, nearest: int, length: int, sure: int
) -> list[Repeat]:
    """Return the runs that repeat an earlier one, in order of time; no two overlap.

    Every fifth of the shortest run one picture is compared with all before it; where several in
    a row match at one lag or about one mirror point, every picture around is, aligned.

    Args:
        pictures: The thumbnails.
        limit: Aligned mean squared distance below which another picture matches each one,
            `(n,)`; zero where nothing does.
        nearest: Shortest lag.
        length: Shortest run.
        sure: Length below which a run must match far better: what is periodic does for a while.
    """
    found: list[Repeat] = []
    taken = np.zeros(len(pictures), np.bool_)
    guesses = search(pictures, nearest, length)
    refused: list[Repeat] = []
    # The shortest lag first: a loop shown three times also repeats at twice its period.
    for guess in sorted(guesses, key=lambda g: (not g.forwards, g.number, g.first)):
        if taken[guess.first : guess.last].mean() > 0.5 or any(map(guess.is_like, refused)):
            continue
        repeat = _verify(guess, pictures, limit, nearest, sure)
        if repeat is None or repeat.last - repeat.first < length:
            refused.append(guess)
            continue
        if not taken[repeat.first : repeat.last].any():
            found.append(repeat)
            taken[repeat.first : repeat.last] = True
    return sorted(found, key=lambda r: r.first)


def _verify(
    guess: Repeat, pictures: Thumbnails, limit: Float, nearest: int, sure: int
) -> Repeat | None:
    """Return the repeat at the full frame rate, at the best lag near the guessed one."""
    number = guess.number

    @cache
    def apart(number: int) -> float:
        trial = Repeat(guess.first, guess.last, number, guess.forwards)
        k = trial.repeating(np.arange(guess.first, guess.last))
        some = k[:: max(1, len(k) // _TRIALS)]
        some = some[limit[some] > 0]
        each: list[float] = []
        for i, j in zip(some, trial.source(some), strict=True):
            each.append(pictures.distance(i, j) / limit[i])
            if sum(excess > _FAR for excess in each) > _TRIALS // 2:
                return np.inf
        return float(np.median(each)) if each else np.inf

    best = apart(number)
    if best > _FAR:
        return None
    while (near := min((apart(m), m) for m in (number - 1, number + 1)))[0] < best:
        best, number = near
    if best > _HOPELESS or (guess.forwards and number < nearest):
        return None
    trial = Repeat(guess.first, guess.last, number, guess.forwards)
    excess = _excess(trial, pictures, limit)
    overlap = [(min(b, guess.last) - max(a, guess.first), a, b) for a, b in runs(excess < 1)]
    common, first, last = max(overlap, default=(0, 0, 0))
    if common <= 0 or (last - first < sure and np.median(excess[first:last]) > _CLOSE):
        return None
    return Repeat(first, last, number, guess.forwards)


def _excess(trial: Repeat, pictures: Thumbnails, limit: Float) -> Float:
    """Return how far frames differ from their source, around the run of `trial`, in limits.

    It is the median over five frames, so that one that hardly moves ends no run.
    """
    n = len(pictures)
    excess = np.full(n, np.inf)
    known = np.zeros(n, np.bool_)
    known[trial.repeating(np.arange(n))] = True
    for order in (range(trial.first, n), range(trial.first - 1, -1, -1)):
        missed = 0
        for k in order:
            if missed > _SMOOTH and not trial.first <= k < trial.last:
                break
            if known[k] and limit[k] > 0:
                j = int(trial.source(np.array([k]))[0])
                excess[k] = pictures.unlike(k, j) / limit[k]
            missed = 0 if excess[k] < 1 else missed + 1
    padded = np.pad(excess, _SMOOTH // 2, "edge")
    typical = np.median(np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH), axis=1)
    return np.where(known, typical, np.inf)


def _event(repeat: Repeat, t: Float) -> Event:
    first, last = repeat.first, repeat.last - 1
    source = int(repeat.source(np.array([first, last])).min())
    # A mirrored run repeats after twice its length.
    period = t[first] - t[source] if repeat.forwards else 2 * (t[last] - t[first])
    return Event(
        kind="loop",
        start=float(t[first]),
        end=float(t[last]),
        details={
            "period": float(period),
            "source": float(t[source]),
            "direction": "forwards" if repeat.forwards else "backwards",
        },
    )
