"""The people of the first seconds over time: the state of identity metrics."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.tracks import (
    SAME_PLACE,
    Floats,
    Sight,
    Track,
    area,
    overlap,
    recognise,
    unit,
)

# Extras may come and go: a face smaller than this share of the largest one's area is no anchor.
_PROMINENT = 0.25
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of recognition.

    Attributes:
        same: Smallest cosine of one person to themselves.
        anchor_seconds: How long the bank is filled, from the first sight.
        loss_seconds: Seconds between two sights that are no absence yet.
    """

    same: float
    anchor_seconds: float
    loss_seconds: float

    def gap(self, step: float) -> float:
        """Return the seconds between two sights that are no absence yet, at a sampling interval.

        One missing detection never is one, however few frames are sampled.
        """
        return max(self.loss_seconds, 2 * step) + _SLACK


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who is no anchor, seen at least twice.

    Attributes:
        first: Seconds of the first sight.
        likeness: Mean cosine to each anchor.
    """

    first: float
    likeness: tuple[float, ...]


@dataclass
class Anchor:
    """One person of the bank, and a number for every sampled frame since the bank was begun.

    Attributes:
        track: Their embedding, learned while the bank was filled and never after.
        similarity: Of the face assigned to them, or in their place; NaN where there is none.
        present: 1 where they were recognised.
    """

    track: Track
    similarity: Column = field(default_factory=Column)
    present: Column = field(default_factory=Column)

    def add(self, similarity: float, present: bool) -> None:
        """Take one frame."""
        self.similarity.append(similarity)
        self.present.append(float(present))


@dataclass
class AnchorBank:
    """Fill a bank of anchors from the first sights of a video, then look for them in the rest.

    It keeps two numbers per anchor and sampled frame, and the embeddings of those who were
    seen within the last `loss_seconds`.

    Attributes:
        video: The video's context.
        rules: Rules of recognition.
        anchors: The bank; empty until it has been filled.
        newcomers: Others who came later and were seen at least twice.
    """

    video: VideoContext
    rules: Rules
    anchors: list[Anchor] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    sampled: Column = field(default_factory=Column)
    frames_with_faces: int = 0
    _since: int = 0
    _step: float = 0.0
    _previous: float | None = None
    _filling: list[Sight] = field(default_factory=list)
    _others: list[Track] = field(default_factory=list)

    @property
    def t(self) -> Floats:
        """Return the times of the sampled frames since the bank was begun."""
        return self.sampled.values()[self._since :]

    def add(self, features: Features) -> None:
        """Take the next detections."""
        for i, t in enumerate(features.t):
            k = int(features["count"][i])
            box = features["box"][i, :k].astype(np.float64)
            self._take(Sight(float(t), box, unit(features["embedding"][i, :k])))

    def finish(self) -> None:
        """Finish at the end of the video."""
        if not self.anchors:
            self._fill()
        self._forget(np.inf)

    def _take(self, sight: Sight) -> None:
        if self._previous is not None:
            self._step = sight.t - self._previous
        self._previous = sight.t
        if len(self._filling) > 1:
            begun = self._filling[0].t
            if sight.t - begun >= self.rules.anchor_seconds - _SLACK:
                self._fill()
        self.sampled.append(sight.t)
        self.frames_with_faces += bool(len(sight))
        if self.anchors:
            self._follow(sight)
        elif self._filling or len(sight):
            self._filling.append(sight)

    def _fill(self) -> None:
        """Make the bank of those who were seen in half of the frames so far, and twice."""
        sights, self._filling = self._filling, []
        tracks: list[Track] = []
        where: list[dict[int, int]] = []
        for sight in sights:
            pairs = recognise(tracks, sight, self.rules.same)
            for i, j in pairs.items():
                tracks[i].learn(sight, j)
            for j in sorted(set(range(len(sight))) - set(pairs.values())):
                pairs[len(tracks)] = j
                tracks.append(Track(sight, j))
            where.append(pairs)
        often = [t for t in tracks if t.sights >= max(2, len(sights) / 2)]
        largest = max((_size(track) for track in often), default=0.0)
        chosen = [t for t in often if _size(t) >= _PROMINENT * largest]
        self._others = [t for t in tracks if t not in chosen] if chosen else []
        self.anchors = [Anchor(track) for track in chosen]
        self._since = len(self.sampled) - len(sights)
        for sight, pairs in zip(sights, where, strict=True):
            for anchor in self.anchors:
                seen = pairs.get(tracks.index(anchor.track))
                # An embedding is not compared with itself.
                alike = np.nan if seen is None else anchor.track.without(sight.embedding[seen])
                anchor.add(alike, seen is not None)

    def _follow(self, sight: Sight) -> None:
        """Look for every anchor in one frame."""
        pairs = recognise([a.track for a in self.anchors], sight, self.rules.same)
        free = [j for j in range(len(sight)) if j not in pairs.values()]
        for i, anchor in enumerate(self.anchors):
            likeness = anchor.track.likeness(sight.embedding)
            theirs = _in_place(anchor.track, sight, free) if i not in pairs else pairs[i]
            anchor.add(np.nan if theirs is None else float(likeness[theirs]), i in pairs)
            if i in pairs:
                anchor.track.see(sight, pairs[i])
        others = Sight(sight.t, sight.box[free], sight.embedding[free])
        known = recognise(self._others, others, self.rules.same, place_alone=True)
        for i, j in known.items():
            self._others[i].learn(others, j)
        for j in sorted(set(range(len(others))) - set(known.values())):
            self._others.append(Track(others, j))
        self._forget(sight.t)

    def _forget(self, now: float) -> None:
        """Drop the others who have been away for too long; note those who were seen twice."""
        for track in [t for t in self._others if now - t.last > self.rules.gap(self._step)]:
            self._others.remove(track)
            if track.sights > 1:
                mean = (track.total / track.sights)[None]
                likeness = tuple(float(a.track.likeness(mean)[0]) for a in self.anchors)
                self.newcomers.append(Newcomer(track.first, likeness))


def _size(track: Track) -> float:
    return float(area(track.box[None])[0])


def _in_place(track: Track, sight: Sight, free: list[int]) -> int | None:
    """Return the detection in a track's last place."""
    if not free:
        return None
    shared = overlap(track.box[None], sight.box[free])[0]
    best = int(np.argmax(shared))
    return free[best] if shared[best] >= SAME_PLACE else None
