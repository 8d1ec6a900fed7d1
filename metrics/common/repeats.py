"""Search a sequence of pictures for runs that repeat an earlier run, forwards or backwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]
_ROW = 3
_NEAR = 2


class Pictures(Protocol):
    """A sequence of pictures that can be compared."""

    def __len__(self) -> int:
        """Return how many there are."""

    def candidates(self, stride: int, nearest: int) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Yield every `stride`-th number `k`, and which of `0 .. k - nearest` look most like it."""


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

    def is_like(self, other: Repeat) -> bool:
        """Return whether it is a part of `other`, with nearly the same source."""
        near = self.forwards == other.forwards and abs(self.number - other.number) <= _NEAR
        return near and other.first <= self.first and self.last <= other.last

    def repeating(self, k: Index) -> Index:
        """Return those of `k` whose source exists and comes before them."""
        return k[(self.source(k) >= 0) & (self.source(k) < k)]


def search(pictures: Pictures, nearest: int, length: int) -> list[Repeat]:
    """Return where several queries in a row match at one lag, or at one mirror point.

    Queries are a fifth of the shortest repeat apart; memory grows with the frames alone.
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

    for k, hit in pictures.candidates(stride, nearest):
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
