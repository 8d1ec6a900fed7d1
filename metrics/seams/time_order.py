"""Do the pictures come in an order in time, or do parts of the video continue elsewhere in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.shots import change
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.ordered_cuts import ordered
from lvbench.metrics.common.picture_file import PictureFile
from lvbench.metrics.common.restored_order import displacement
from lvbench.results.schema import Event, ItemScore

Float = NDArray[np.float32]
Index = NDArray[np.intp]
# Levels: a path of smaller steps is that of a still picture, a smaller break no break.
_STILL, _BREAK = 0.25, 1.0
_SPREAD = 4.0  # Levels of a picture's spread below which its contrast is noise.
_NEAREST = 3  # Ends that are compared in full.
_FLOOR = 0.5  # Levels by which thumbnails of one picture may differ.


@dataclass
class _Pictures:
    """The thumbnails of one video, at half their size."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    pictures: PictureFile = field(default_factory=PictureFile)


class TimeOrder(Metric[_Pictures]):
    """Measure how far parts are from where they continue, and what a better order saves.

    Args:
        jump: How many times the median step of the half second before it, and after it, a break is.
        better: A part continues elsewhere where the distance is below this fraction of the break.
        step: The same in median steps: a continuation is as near as the next frame is elsewhere.
        apart: Seconds around a break in which no other end is considered.
    """

    info = MetricInfo(
        name="time_order",
        version=1,
        headline=ScoreInfo("Time out of order", "", False),
        components={
            "breaks": ScoreInfo("Breaks of time", "1/min", False, range=(0.0, None)),
            "detour": ScoreInfo("Detour of the path", "", False, range=(0.0, 1.0)),
        },
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="seams",
        gates=("stillness", "loop", "incoherence"),
        cites=("lvbench",),
    )

    def __init__(
        self, jump: float = 1.6, better: float = 0.5, step: float = 2.2, apart: float = 0.2
    ) -> None:
        self.jump, self.better, self.step, self.apart = jump, better, step, apart

    def new_state(self, video: VideoContext) -> _Pictures:
        """Return the empty state."""
        return _Pictures(video)

    def update(self, state: _Pictures, features: Mapping[str, Features]) -> None:
        """Keep the thumbnails."""
        state.t.extend(features["fingerprint"].t)
        state.pictures.extend(_halved(features["fingerprint"]["thumbnail"]))

    def item(self, state: _Pictures) -> ItemScore:
        """Return how far parts are from their places, with every wrong break as an event."""
        t = state.t.values()
        frame = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
        if len(t) < 3 or t[-1] - t[0] < 2.0:
            return not_applicable("too_short", "less than 2 s")
        path = _Path.through(state.pictures, max(1, round(self.apart / frame)))
        second = max(1, round(1 / frame))
        usual = path.usual(second)
        if np.median(path.steps) < _STILL or path.typical(second) < 2 * np.median(path.steps):
            return not_applicable(
                "order_unseen", "the picture changes too little in a second to show its order"
            )
        breaks = np.flatnonzero(path.steps > np.maximum(self.jump * usual, _BREAK)) + 1
        breaks = breaks[~ordered(state.video, t[breaks]) & (usual[breaks - 1] >= _STILL)]
        found = {int(k): self._found(path, breaks, int(k), float(usual[k - 1])) for k in breaks}
        found = {k: better for k, better in found.items() if better}
        saved = {
            k: float(path.steps[k - 1]) - min(one.distance for one in better)
            for k, better in found.items()
        }
        events = [
            Event(kind="break", start=float(t[k]), end=float(t[k]), details={"saved": saving})
            for k, saving in saved.items()
        ]
        wasted = sum(saved.values())
        # Breaks that were not found do not make the path longer.
        needed = float(np.minimum(path.steps, usual).sum(dtype=np.float64))
        moved = _moved(path.count, [one for better in found.values() for one in better])
        return ItemScore(
            value=min(1.0, moved) * wasted / (wasted + needed),
            components={
                "breaks": 60 * len(found) / float(t[-1] - t[0]),
                "detour": wasted / (wasted + needed),
            },
            events=events,
        )

    def _found(self, path: _Path, breaks: Index, k: int, usual: float) -> list[_Better]:
        """Return where the part before break `k`, and the one after it, continue better."""
        own = float(path.steps[k - 1])
        other = change(path.raw(k - 1), path.raw(k))
        limit = min(self.better * own, self.step * max(usual, _FLOOR))
        ends, starts = np.append(breaks - 1, path.count - 1), np.insert(breaks, 0, 0)
        found = []
        for here, before in ((k - 1, True), (k, False)):
            for there, is_end in path.nearest(here, ends, starts):
                distance = path.distance(here, there)
                if distance > limit:
                    break
                if path.repeats(here, there, before, is_end, distance):
                    continue
                if not path.parted(here, there, before, is_end, breaks, distance / self.better):
                    continue
                if change(path.raw(here), path.raw(there)) < self.better * other:
                    found.append(_Better(distance, here, there, before, is_end))
        return found


@dataclass(frozen=True)
class _Better:
    """An end of a part near picture `here` at a break.

    Attributes:
        distance: Their distance, levels.
        here: The picture before the break, or after it.
        there: The other end.
        before: Whether `here` ends a part.
        is_end: Whether `there` ends a part.
    """

    distance: float
    here: int
    there: int
    before: bool
    is_end: bool


def _moved(count: int, found: list[_Better]) -> float:
    """Return how far pictures are from where they belong, over the same in a random order."""
    links = [
        (one.distance, *((one.here, one.there) if one.before else (one.there, one.here)))
        for one in found
        if one.before != one.is_end
    ]
    linked = {(one.here, one.before) for one in found if one.before != one.is_end}
    # Two ends, or two starts, meet: the part between them is played backwards.
    backwards = {
        min(one.here, one.there) + one.before
        for one in found
        if one.before == one.is_end and (one.here, one.before) not in linked
    }
    return displacement(count, links, sorted(backwards))


def _halved(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return `(n, h, w)` pictures at half the size, each cell the mean of four."""
    n, height, width = pictures.shape
    cells = pictures.reshape(n, height // 2, 2, width // 2, 2)
    return np.asarray(np.rint(cells.mean(axis=(2, 4))), np.uint8)


@dataclass
class _Path:
    """The pictures of a video as points, each brought to one brightness and contrast.

    Attributes:
        pictures: The pictures.
        scale: Gain of each picture, `(n,)`.
        steps: Distance of consecutive pictures, levels (root mean square), `(n - 1,)`.
        apart: Frames around a picture among which no other end is considered.
    """

    pictures: PictureFile
    scale: Float
    steps: Float
    apart: int

    @classmethod
    def through(cls, pictures: PictureFile, apart: int) -> _Path:
        """Return the path through the pictures in their order."""
        spread = np.array(
            [max(float(pictures[k].std()), _SPREAD) for k in range(len(pictures))], np.float32
        )
        path = cls(pictures, np.median(spread) / spread, np.empty(0, np.float32), apart)
        numbers = range(path.count - 1)
        path.steps = np.array([path.distance(k, k + 1) for k in numbers], np.float32)
        return path

    @property
    def count(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)

    def raw(self, k: int) -> Float:
        """Return picture `k` as it is, float32."""
        picture: Float = self.pictures[k].astype(np.float32)
        return picture

    def point(self, k: int) -> Float:
        """Return picture `k` without its brightness and at the common contrast."""
        raw = self.raw(k)
        point: Float = (raw - raw.mean()) * self.scale[k]
        return point

    def distance(self, i: int, j: int) -> float:
        """Return the distance of two pictures, levels."""
        return float(np.sqrt(np.square(self.point(i) - self.point(j)).mean()))

    def usual(self, second: int) -> Float:
        """Return the median step of the half second before or after each step, the larger one."""
        half, n = max(3, second // 2), len(self.steps)
        found = [
            max(
                np.median(self.steps[max(0, k - half) : k]) if k else 0.0,
                np.median(self.steps[k + 1 : k + 1 + half]) if k + 1 < n else 0.0,
            )
            for k in range(n)
        ]
        return np.array(found, np.float32)

    def typical(self, lag: int) -> float:
        """Return the median distance of pictures `lag` frames apart, of a few hundred of them."""
        lag = min(lag, self.count - 1)
        starts = range(0, self.count - lag, max(1, self.count // 300))
        return float(np.median([self.distance(k, k + lag) for k in starts]))

    def nearest(self, here: int, ends: Index, starts: Index) -> list[tuple[int, bool]]:
        """Return the nearest ends and starts of parts away from `here`, and whether each is one."""
        where = np.concatenate([ends, starts])
        is_end = np.arange(len(where)) < len(ends)
        away = np.abs(where - here) > self.apart
        where, is_end = where[away], is_end[away]
        order = np.argsort([self.distance(here, int(k)) for k in where], kind="stable")[:_NEAREST]
        return [(int(where[k]), bool(is_end[k])) for k in order]

    def repeats(self, here: int, there: int, before: bool, is_end: bool, distance: float) -> bool:
        """Return whether `there` repeats `here` instead of continuing it, forwards or backwards.

        In a repeat, the pictures before both (after both, for the start of a part) are as like, or
        the next picture inside one of the parts is nearer than its end.
        """
        back = -1 if before else 1
        i, j = here + back, there + back
        if min(i, j) < 0 or max(i, j) >= self.count:
            return is_end == before
        if self.distance(i, j) <= 1.5 * max(distance, _FLOOR):
            return True
        inner = here + (-1 if before else 1), there + (-1 if is_end else 1)
        if min(inner) < 0 or max(inner) >= self.count:
            return False
        nearer = min(self.distance(inner[0], there), self.distance(here, inner[1]))
        return nearer < 0.9 * distance

    def parted(
        self, here: int, there: int, before: bool, is_end: bool, breaks: Index, least: float
    ) -> bool:
        """Return whether two ends belong to two parts, and the second has no neighbour as near.

        Args:
            here: The end of the part before a break, or the start of the part after it.
            there: The other end or start.
            before: Whether `here` is an end.
            is_end: Whether `there` is an end.
            breaks: Numbers of the first pictures after breaks.
            least: Smallest step that parts, levels.
        """
        own = there + 1 if is_end else there
        if 0 < own < self.count and self.steps[own - 1] < least:
            return False
        if is_end == before:
            return True
        start, end = (there, here) if before else (here, there)
        inside = breaks[(start < breaks) & (breaks <= end)]
        return start > end or bool((self.steps[inside - 1] >= least).any())
