"""Find pairs of files that share footage, among thousands without comparing all pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.audit.row import ENCODER, SURVEY, Arrays
from lvbench.metrics.common.copies import Match, Track, aligned, best_match, track

Load = Callable[[str], Arrays]

# Mean cosine of 64 signs over a stretch: 0.75 is 8 bits of them that differ.
_LIKE = {SURVEY: 0.75, ENCODER: 0.88}
_STEP = {SURVEY: 0.3, ENCODER: 0.1}
_SECONDS = 2.0
# Halves of a hash that must agree: chance makes two of four 16-bit bands agree in one pair of
# hashes among a billion, a copy with 4 bits changed keeps such a half in every third hash.
_HALVES = tuple(combinations(range(4), 2))
_MOST_IN_BUCKET = 40  # files that share a half: more of them share a title card, not footage
_VECTORS_LIKE = 0.9
_ROWS = 512


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A pair of files that share footage.

    Attributes:
        first: Id of one file.
        second: Id of the other.
        first_start: Start of the shared footage in the first file, in seconds.
        second_start: Start in the second, in seconds.
        seconds: Length of the shared footage.
        similarity: Mean cosine over it.
        share: Its share of the shorter file.
        by: The evidence: `frame_survey` (perceptual hash) or `mobilenet_v2` (features).
    """

    first: str
    second: str
    first_start: float
    second_start: float
    seconds: float
    similarity: float
    share: float
    by: str


class Finder:
    """Collect files one at a time in little memory, then find those that share footage."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._halves: list[NDArray[np.int64]] = []
        self._vectors: dict[int, NDArray[np.float32]] = {}

    def add(self, video: str, kept: Arrays) -> None:
        """Add the next file, by the arrays stored with its record."""
        number = len(self._ids)
        self._ids.append(video)
        self._halves.append(_halves(kept))
        features = kept.get(f"{ENCODER}.image")
        if features is not None and len(features):
            mean = track(np.arange(len(features)), features).vectors.mean(axis=0)
            self._vectors[number] = mean / max(float(np.linalg.norm(mean)), 1e-12)

    @property
    def vectors(self) -> dict[str, NDArray[np.float32]]:
        """Return the mean direction of each file's features, by id."""
        return {self._ids[number]: vector for number, vector in self._vectors.items()}

    def duplicates(self, load: Load) -> list[Duplicate]:
        """Return the pairs that share footage, by id.

        Args:
            load: Returns the stored arrays of a file by its id; called for candidates only.
        """
        found = []
        for a, b in sorted(self._by_hash() | self._by_vectors()):
            first, second = self._ids[a], self._ids[b]
            pair = compare(first, load(first), second, load(second))
            found += [pair] if pair is not None else []
        return found

    def _by_hash(self) -> set[tuple[int, int]]:
        """Return the pairs with frames whose hashes agree in a half."""
        if not self._halves:
            return set()
        of = np.repeat(np.arange(len(self._halves)), [len(h) for h in self._halves])
        keys = np.concatenate(self._halves)
        order = np.argsort(keys, kind="stable")
        buckets = np.split(of[order], np.flatnonzero(np.diff(keys[order])) + 1)
        return {
            pair
            for bucket in buckets
            if 1 < len(bucket) <= _MOST_IN_BUCKET
            for pair in combinations(bucket.tolist(), 2)
        }

    def _by_vectors(self) -> set[tuple[int, int]]:
        if not self._vectors:
            return set()
        numbers = np.array(list(self._vectors))
        stacked = np.stack(list(self._vectors.values()))
        found = set()
        for start in range(0, len(stacked), _ROWS):
            rows, columns = np.nonzero(stacked[start : start + _ROWS] @ stacked.T > _VECTORS_LIKE)
            keep = rows + start < columns
            pairs = zip(numbers[rows[keep] + start], numbers[columns[keep]], strict=True)
            found |= {(int(a), int(b)) for a, b in pairs}
        return found


def compare(first: str, a: Arrays, second: str, b: Arrays) -> Duplicate | None:
    """Return the footage that two files share, by hash or else by features; None if none.

    Args:
        first: Id of one file.
        a: Its stored arrays.
        second: Id of the other.
        b: Its stored arrays.
    """
    for name, tracked in ((SURVEY, _signs), (ENCODER, _images)):
        one, other = tracked(a), tracked(b)
        if one is None or other is None:
            continue
        match = _shared(one, other, name)
        if match is not None:
            spacing = min(_spacing(one), _spacing(other))
            seconds = match.seconds + spacing
            shorter = min(float(one.t[-1]), float(other.t[-1])) + spacing
            return Duplicate(
                first, second, match.start, match.other_start, seconds, match.similarity,
                min(1.0, seconds / shorter), name,
            )  # fmt: skip
    return None


def _shared(one: Track, other: Track, name: str) -> Match | None:
    samples = max(2, round(_SECONDS / _spacing(one)))
    best = best_match(one, [(0, other)], samples)
    if best is None or best.similarity < _LIKE[name]:
        return None
    entire = aligned(one, other, 0, _LIKE[name] - _STEP[name])
    # Two walks through one scene are similar in places; shared footage is similar throughout.
    return best if entire is None or entire.similarity < _LIKE[name] else entire


def _spacing(one: Track) -> float:
    return float(np.median(np.diff(one.t))) if len(one.t) > 1 else 0.5


def _halves(kept: Arrays) -> NDArray[np.int64]:
    """Return the six halves of every hash, each with its place, once."""
    hashes: NDArray[Any] = kept.get(f"{SURVEY}.hash", np.empty((0, 8), np.uint8))
    hashes = hashes[hashes.any(axis=1)]
    bands = np.ascontiguousarray(hashes).view(np.uint16).astype(np.int64)
    keys = [
        (place << 32) | (bands[:, a] << 16) | bands[:, b] for place, (a, b) in enumerate(_HALVES)
    ]
    return np.unique(np.concatenate(keys))


def _signs(kept: Arrays) -> Track | None:
    hashes = kept.get(f"{SURVEY}.hash")
    if hashes is None or not len(hashes):
        return None
    signs = 2.0 * np.unpackbits(hashes, axis=1) - 1
    signs[~hashes.any(axis=1)] = 0  # a picture without structure resembles nothing
    return track(kept[f"{SURVEY}.t"], signs)


def _images(kept: Arrays) -> Track | None:
    features = kept.get(f"{ENCODER}.image")
    if features is None or not len(features):
        return None
    return track(kept[f"{ENCODER}.t"], features)
