"""Runs of pictures that come back, among tens of thousands of thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.runs import runs

Float = NDArray[np.float64]
Index = NDArray[np.intp]
Thumbnails = NDArray[np.uint8]
_QUERIES = 128
_ROW = 3
_GAP = 2


@dataclass(frozen=True, slots=True)
class Repeat:
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


def find_repeats(pictures: Thumbnails, limit: Float, *, nearest: int, length: int) -> list[Repeat]:
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
    found: list[Repeat] = []
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


def distance(pictures: Thumbnails, k: Index, source: Callable[[Index], Index]) -> Float:
    """Return the mean squared difference between the frames `k` and those at `source(k)`."""
    out = np.empty(len(k))
    for start in range(0, len(k), 1024):
        some = k[start : start + 1024]
        apart = pictures[some].astype(np.float32) - pictures[source(some)]
        out[start : start + 1024] = np.einsum("ij,ij->i", apart, apart) / pictures.shape[1]
    return out


def _search(pictures: Thumbnails, limit: Float, nearest: int, length: int) -> list[Repeat]:
    """Return where several queries in a row match at one lag, or at one mirror point.

    Queries stand a fifth of the shortest repeat apart; memory grows with the frames alone.
    """
    stride = max(1, length // 5)
    n = len(pictures)
    # Matches in a row so far: by lag, and by the sum of both frames' numbers.
    row = {True: np.zeros(n, np.int32), False: np.zeros(2 * n, np.int32)}
    guesses: list[Repeat] = []

    def end(forwards: bool, where: Index, k: int) -> None:
        for number in where:
            first = k - stride * int(row[forwards][number])
            guesses.append(Repeat(first, k, int(number), forwards))

    for k, apart in _queries(pictures, stride, nearest):
        hit = apart < limit[k]
        # A mirrored run that has come back to the first frame has nothing left to match.
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


def _verify(guess: Repeat, pictures: Thumbnails, limit: Float, nearest: int) -> Repeat | None:
    """Return the repeat at the full frame rate, at the best lag near the guessed one."""
    number, n = guess.number, len(pictures)

    def apart(number: int) -> float:
        trial = Repeat(guess.first, guess.last, number, guess.forwards)
        k = trial.repeating(np.arange(guess.first, guess.last))
        return float(np.median(distance(pictures, k, trial.source))) if len(k) else np.inf

    best = apart(number)
    while (near := min((apart(m), m) for m in (number - 1, number + 1)))[0] < best:
        best, number = near
    if guess.forwards and number < nearest:
        return None
    trial = Repeat(0, n, number, guess.forwards)
    k = trial.repeating(np.arange(n))
    match = np.zeros(n, np.bool_)
    match[k] = distance(pictures, k, trial.source) < limit[k]
    for first, last in runs(~match):
        if first and last < n and last - first <= _GAP:
            match[first:last] = True
    overlap = [(min(b, guess.last) - max(a, guess.first), a, b) for a, b in runs(match)]
    common, first, last = max(overlap, default=(0, 0, 0))
    return Repeat(first, last, number, guess.forwards) if common > 0 else None
