"""What fraction of the video's time repeats an earlier part?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.runs import runs
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event, ItemScore

Float = NDArray[np.float64]
Index = NDArray[np.intp]
Thumbnails = NDArray[np.uint8]
_QUERIES = 128
_ROW = 3
_GAP = 2


@dataclass
class Thumbs:
    """The thumbnails of one video: a few hundred bytes per frame, in one buffer that grows."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    buffer: bytearray = field(default_factory=bytearray)


class Loop(Metric[Thumbs]):
    """Find runs of moving frames that match an earlier run, forwards or backwards.

    Args:
        ratio: A frame matches an earlier one if their distance is below `ratio` times that which
            the picture moves within `step_seconds` there.
        step_seconds: Time over which the picture's own motion is measured.
        still: Motion below which no match counts, levels (root mean square over a thumbnail).
        minimum_seconds: Shortest repeat.
        minimum_period: Shortest period.
    """

    info = MetricInfo(
        name="loop",
        version=1,
        headline=ScoreInfo("Loop fraction", "", False),
        components={
            "period": ScoreInfo("Period of the longest loop", "s", None, range=(0.0, None))
        },
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="motion",
        series={"repeated": ""},
        cites=("lvbench",),
    )

    def __init__(
        self,
        ratio: float = 0.4,
        step_seconds: float = 0.25,
        still: float = 0.7,
        minimum_seconds: float = 1.0,
        minimum_period: float = 0.5,
    ) -> None:
        self.ratio, self.step_seconds, self.still = ratio, step_seconds, still
        self.minimum_seconds, self.minimum_period = minimum_seconds, minimum_period

    def new_state(self, video: VideoContext) -> Thumbs:
        """Return the empty state."""
        return Thumbs(video)

    def update(self, state: Thumbs, features: Mapping[str, Features]) -> None:
        """Keep the thumbnails."""
        state.t.extend(features["fingerprint"].t)
        state.buffer += features["fingerprint"]["thumbnail"].tobytes()

    def item(self, state: Thumbs) -> ItemScore:
        """Return the fraction of time that is a repeat, with every loop as an event."""
        t = state.t.values()
        if len(t) < 2:
            return not_applicable("too_short", "fewer than 3 frames")
        pictures: Thumbnails = np.frombuffer(state.buffer, np.uint8).reshape(len(t), -1)
        frame = float(np.median(np.diff(t)))
        length = max(3, round(self.minimum_seconds / frame))
        limit = self._limit(pictures, max(1, round(self.step_seconds / frame)), length)
        nearest = max(2, round(self.minimum_period / frame))
        found = find_repeats(pictures, limit, nearest=nearest, length=length)
        repeated = np.zeros(len(t), np.bool_)
        for repeat in found:
            repeated[repeat.first : repeat.last] = True
        events = [_event(repeat, t) for repeat in found]
        longest = max(events, key=lambda e: e.end - e.start, default=None)
        series = per_segment(t, repeated.astype(np.float64), state.video.segment_seconds)
        return ItemScore(
            value=float(repeated.mean()),
            components={"period": float(longest.details["period"])} if longest else {},
            series={"repeated": series.series()},
            events=events,
        )

    def _limit(self, pictures: Thumbnails, step: int, window: int) -> Float:
        """Return for every frame the squared distance below which another one matches it."""
        motion = np.full(len(pictures), np.inf)
        if len(pictures) > step:
            apart = _distance(pictures, np.arange(step, len(pictures)), lambda k: k - step)
            motion[step:] = apart
            motion[:-step] = np.minimum(motion[:-step], apart)
        motion[np.isinf(motion)] = 0.0
        # The median over a window requires motion most of the time: neither a cut nor a flash in
        # a still scene makes it move, nor does a pause in a moving one make it still.
        padded = np.pad(motion, (window // 2, (window - 1) // 2), "edge")
        typical = np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
        return np.where(typical > self.still**2, self.ratio**2 * typical, 0.0)


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A run of pictures that repeats an earlier one.

    Attributes:
        first: First picture of the run.
        last: The one after its last.
        number: The lag, or for a mirrored run the sum of both pictures' numbers.
        forwards: False where the run is mirrored.
    """

    first: int
    last: int
    number: int
    forwards: bool

    def source(self, k: Index) -> Index:
        """Return which pictures the pictures `k` repeat."""
        return k - self.number if self.forwards else self.number - k

    def repeating(self, k: Index) -> Index:
        """Return those of `k` whose source exists and comes before them."""
        return k[(self.source(k) >= 0) & (self.source(k) < k)]


def find_repeats(pictures: Thumbnails, limit: Float, *, nearest: int, length: int) -> list[_Repeat]:
    """Return the runs that repeat an earlier one, in order of time; no two overlap.

    Every fifth of the shortest run one picture is compared with all before it; where several in
    a row match at one lag or about one mirror point, every picture around is.

    Args:
        pictures: uint8 `(n, size)`.
        limit: Mean squared distance below which another picture matches each one, `(n,)`; zero
            where nothing does.
        nearest: Shortest lag.
        length: Shortest run.
    """
    found: list[_Repeat] = []
    taken = np.zeros(len(pictures), np.bool_)
    guesses = _search(pictures, limit, nearest, length)
    # The shortest lag first: a loop shown three times also repeats at twice its period.
    for guess in sorted(guesses, key=lambda g: (not g.forwards, g.number, g.first)):
        if taken[guess.first : guess.last].mean() > 0.5:
            continue
        repeat = _verify(guess, pictures, limit, nearest)
        if repeat is None or repeat.last - repeat.first < length:
            continue
        if not taken[repeat.first : repeat.last].any():
            found.append(repeat)
            taken[repeat.first : repeat.last] = True
    return sorted(found, key=lambda r: r.first)


def _distance(pictures: Thumbnails, k: Index, source: Callable[[Index], Index]) -> Float:
    """Return the mean squared difference between the frames `k` and those at `source(k)`."""
    out = np.empty(len(k))
    for start in range(0, len(k), 1024):
        some = k[start : start + 1024]
        apart = pictures[some].astype(np.float32) - pictures[source(some)]
        out[start : start + 1024] = np.einsum("ij,ij->i", apart, apart) / pictures.shape[1]
    return out


def _search(pictures: Thumbnails, limit: Float, nearest: int, length: int) -> list[_Repeat]:
    """Return where several queries in a row match at one lag, or at one mirror point.

    Queries are a fifth of the shortest repeat apart; memory grows with the frames alone.
    """
    stride = max(1, length // 5)
    n = len(pictures)
    # Matches in a row so far: by lag, and by the sum of both frames' numbers.
    row = {True: np.zeros(n, np.int32), False: np.zeros(2 * n, np.int32)}
    guesses: list[_Repeat] = []

    def end(forwards: bool, where: Index, k: int) -> None:
        for number in where:
            first = k - stride * int(row[forwards][number])
            guesses.append(_Repeat(first, k, int(number), forwards))

    for k, apart in _queries(pictures, stride, nearest):
        hit = apart < limit[k]
        # A mirrored run that is back at the first frame has no further match.
        done = slice(max(0, k - stride), k)
        end(False, np.flatnonzero(row[False][done] >= _ROW) + done.start, k)
        row[False][done] = 0
        for forwards, hits, view in (
            (True, hit[::-1], slice(nearest, nearest + len(hit))),
            (False, hit, slice(k, k + len(hit))),
        ):
            counts = row[forwards]
            over = np.flatnonzero(~hits & (counts[view] >= _ROW)) + view.start
            end(forwards, over, k)
            counts[view] = np.where(hits, counts[view] + 1, 0)
    for forwards, counts in row.items():
        end(forwards, np.flatnonzero(counts >= _ROW), n)
    return guesses


def _queries(
    pictures: Thumbnails, stride: int, nearest: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield every `stride`-th frame `k` with its distance to the frames `0 .. k - nearest`."""
    size = pictures.shape[1]
    square = np.einsum("ij,ij->i", pictures, pictures, dtype=np.float32)
    numbers = np.arange(nearest, len(pictures), stride)
    for start in range(0, len(numbers), _QUERIES):
        some = numbers[start : start + _QUERIES]
        query = pictures[some].astype(np.float32)
        parts = [
            query @ pictures[j : j + 2048].T.astype(np.float32) for j in range(0, some[-1], 2048)
        ]
        product = np.concatenate(parts, axis=1)
        for k, along in zip(some, product, strict=True):
            m = k - nearest + 1
            yield int(k), (square[k] + square[:m] - 2 * along[:m]) / size


def _verify(guess: _Repeat, pictures: Thumbnails, limit: Float, nearest: int) -> _Repeat | None:
    """Return the repeat at the full frame rate, at the best lag near the guessed one."""
    number, n = guess.number, len(pictures)

    def apart(number: int) -> float:
        trial = _Repeat(guess.first, guess.last, number, guess.forwards)
        k = trial.repeating(np.arange(guess.first, guess.last))
        return float(np.median(_distance(pictures, k, trial.source))) if len(k) else np.inf

    best = apart(number)
    while (near := min((apart(m), m) for m in (number - 1, number + 1)))[0] < best:
        best, number = near
    if guess.forwards and number < nearest:
        return None
    trial = _Repeat(0, n, number, guess.forwards)
    k = trial.repeating(np.arange(n))
    match = np.zeros(n, np.bool_)
    match[k] = _distance(pictures, k, trial.source) < limit[k]
    for first, last in runs(~match):
        if first and last < n and last - first <= _GAP:
            match[first:last] = True
    overlap = [(min(b, guess.last) - max(a, guess.first), a, b) for a, b in runs(match)]
    common, first, last = max(overlap, default=(0, 0, 0))
    return _Repeat(first, last, number, guess.forwards) if common > 0 else None


def _event(repeat: _Repeat, t: Float) -> Event:
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
