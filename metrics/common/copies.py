"""The most similar stretches of two videos, by features along time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """One video's features along time.

    Attributes:
        t: Seconds, `(n,)`, evenly spaced.
        vectors: float32 `(n, d)`, each of length 1 (or 0 where it has no content).
    """

    t: Floats
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Match:
    """The stretch of a video that is most similar to a stretch of another one.

    Attributes:
        other: Number of the other video.
        start: Seconds at which the stretch begins.
        other_start: Seconds at which it begins in the other video.
        seconds: How long the stretch is.
        similarity: Mean cosine over the stretch, in -1..1.
    """

    other: int
    start: float
    other_start: float
    seconds: float
    similarity: float


def track(t: ArrayLike, features: ArrayLike) -> Track:
    """Return features `(n, d)` at times `t` as a track."""
    x = np.asarray(features, np.float32)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    unit = x / np.where(lengths > 0, lengths, 1)
    return Track(np.asarray(t, np.float64), unit.astype(np.float32))


def best_match(one: Track, others: Iterable[tuple[int, Track]], length: int) -> Match | None:
    """Return the stretch most similar to one of another video; None where none fits.

    Stretches run forwards in both at the same pace; of equally similar ones the first
    counts, in the order of `others`.

    Args:
        one: The video.
        others: Numbers and tracks of the others.
        length: Samples in a stretch; a shorter video is compared in full length.
    """
    best: Match | None = None
    for number, other in others:
        run = min(length, len(one.t), len(other.t))
        if run == 0:
            continue
        found = run_similarity(one.vectors, other.vectors, run)
        i, j = np.unravel_index(int(found.argmax()), found.shape)
        value = float(found[i, j])
        if best is None or value > best.similarity:
            seconds = float(one.t[i + run - 1] - one.t[i])
            best = Match(number, float(one.t[i]), float(other.t[j]), seconds, value)
    return best


def aligned(one: Track, other: Track, number: int, floor: float) -> Match | None:
    """Return the stretch, as long as it may be, that runs along another video; None if none does.

    It is the stretch, at one lag, with the largest sum of `cosine - floor`: where a static camera
    makes all lags similar, the lag of largest agreement is the right one.

    Args:
        one: The video.
        other: The other video.
        number: The other's number, for the match.
        floor: Cosine from which two moments count as alike.
    """
    gain = (one.vectors @ other.vectors.T).astype(np.float64) - floor
    running = np.zeros(gain.shape[1])
    begun = np.zeros(gain.shape[1], np.intp)
    best, where = 0.0, (0, 0, 0)
    for i, row in enumerate(gain):
        # Along a diagonal: the sum one sample earlier in both, if it is positive.
        before = np.concatenate([[0.0], running[:-1]])
        begins = np.concatenate([[i], begun[:-1]])
        begun = np.where(before > 0, begins, i)
        running = np.maximum(before, 0) + row
        j = int(running.argmax())
        if running[j] > best:
            best, where = float(running[j]), (i, j, int(begun[j]))
    if best <= 0:
        return None
    i, j, first = where
    samples = i - first + 1
    return Match(
        number,
        float(one.t[first]),
        float(other.t[j - samples + 1]),
        float(one.t[i] - one.t[first]),
        best / samples + floor,
    )


def run_similarity(a: Vectors, b: Vectors, run: int) -> NDArray[np.float32]:
    """Return the mean cosine of `a[i : i + run]` with `b[j : j + run]` for all `i` and `j`."""
    cosines = a @ b.T
    rows, columns = cosines.shape[0] - run + 1, cosines.shape[1] - run + 1
    total = np.zeros((rows, columns), np.float32)
    for k in range(run):
        total += cosines[k : k + rows, k : k + columns]
    total /= run
    return total
