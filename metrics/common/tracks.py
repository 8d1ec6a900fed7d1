"""Match people from frame to frame: by similarity, and by place where that is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAME_PLACE = 0.3
"""Intersection over union from which two boxes are the same place."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The detections of one frame.

    Attributes:
        t: Seconds.
        box: Left, top, right, bottom as fractions of the picture, `(k, 4)`.
        embedding: Of length 1 (or 0), `(k, d)`.
    """

    t: float
    box: Floats
    embedding: Floats

    def __len__(self) -> int:
        return len(self.box)


class Track:
    """A person who was seen: their mean embedding, and their last place.

    Args:
        sight: The frame of the first sight.
        j: The detection.
    """

    def __init__(self, sight: Sight, j: int) -> None:
        self.first = sight.t
        self.sights = 0
        self.total = np.zeros_like(sight.embedding[j])
        self.learn(sight, j)

    def learn(self, sight: Sight, j: int) -> None:
        """Add a detection to the learned embeddings."""
        self.total = self.total + sight.embedding[j]
        self.sights += 1
        self.see(sight, j)

    def see(self, sight: Sight, j: int) -> None:
        """Take a detection without changing the mean embedding."""
        self.last, self.box, self.recent = sight.t, sight.box[j], sight.embedding[j]

    def likeness(self, embedding: Floats) -> Floats:
        """Return the mean cosine to the embeddings that were learned, `(k, d)` to `(k,)`."""
        alike: Floats = embedding @ self.total / self.sights
        return alike

    def without(self, embedding: Floats) -> float:
        """Return the mean cosine of a learned embedding to the other learned ones."""
        return float(embedding @ (self.total - embedding) / (self.sights - 1))


def recognise(
    tracks: Sequence[Track], sight: Sight, same: float, *, place_alone: bool = False
) -> dict[int, int]:
    """Return which detection is which track, one to one, the most similar pair first.

    A detection belongs to a track where its mean cosine to the learned embeddings reaches `same`,
    or where it is in the track's last place and its cosine to the last sight does.

    Args:
        tracks: The people to look for.
        sight: The frame.
        same: Smallest cosine of one person to themselves.
        place_alone: Take the last place as proof enough.
    """
    if not tracks or not len(sight):
        return {}
    likeness = np.stack([track.likeness(sight.embedding) for track in tracks])
    there = overlap(np.stack([track.box for track in tracks]), sight.box) >= SAME_PLACE
    recent = np.stack([sight.embedding @ track.recent for track in tracks]) >= same
    possible = (likeness >= same) | (there if place_alone else there & recent)
    pairs: dict[int, int] = {}
    for flat in np.argsort(-likeness, axis=None, kind="stable"):
        i, j = divmod(int(flat), len(sight))
        if possible[i, j] and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def overlap(a: Floats, b: Floats) -> Floats:
    """Return intersection over union of boxes, `(m, 4)` and `(k, 4)` to `(m, k)`."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    union = area(a)[:, None] + area(b)[None] - shared
    shares: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares


def area(box: Floats) -> Floats:
    """Return the area of boxes, `(n, 4)` to `(n,)`."""
    size: Floats = np.clip(box[:, 2:] - box[:, :2], 0.0, None).prod(axis=1)
    return size


def unit(embedding: NDArray[np.float32]) -> Floats:
    """Return embeddings `(k, d)` at length 1; one of length 0 stays as it is."""
    rows = embedding.astype(np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return scaled
