"""Find the distinct pictures of a video, when each is shown, and for how long."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Frames
from lvbench.video.timing.cadence import repeats
from lvbench.video.timing.grid import on_grid

# Names the rule by which frames are joined and timed. It is part of a result's identity.
PRESENTATION_ID = "distinct-frames/1"

Floats = NDArray[np.float64]
Picture = NDArray[np.float32]
_SIDE = 96  # Pixels: longest side of the picture that is compared; residue of codecs averages out.
_SAME = 0.25  # Levels: a picture whose most changed pixels change less is the one before.
_ROUNDING = 0.03  # Of a rate: containers that stamp in milliseconds are off by less.
_LOSSLESS = 0.25  # Share of repeats that are exact; then all change little.
_INEXACT = 0.5  # Of the change that new pictures bring.
_MOST = 0.95  # Share of the repeats.
_REPEATED = 0.01  # Of the usual step: a shorter one is of a repeated stamp.
_FLOOR = 0.01  # Squared levels: less is no movement to compare with.


@dataclass(frozen=True, slots=True)
class Presentation:
    """Describe the pictures that a video shows, whatever its coded frames.

    Attributes:
        distinct: Whether each coded frame is read, `(coded,)`; the others repeat one before them.
        copies: How often each of these counts, `(distinct,)`: a held picture counts once for
            each step of the usual rate.
        pts: Seconds at which each picture comes, copies included, `(n,)`, strictly increasing.
        coded_pts: Seconds of each coded frame, `(coded,)`.
        beat: Whether each coded frame but the first repeats a picture in the beat of a rate
            conversion, `(coded - 1,)`.
    """

    distinct: NDArray[np.bool_]
    copies: NDArray[np.intp]
    pts: Floats
    coded_pts: Floats
    beat: NDArray[np.bool_]

    @property
    def coded(self) -> int:
        """Return how many frames the file has."""
        return len(self.distinct)

    @property
    def repeated(self) -> int:
        """Return how many frames repeat a picture in the beat of a rate conversion."""
        return int(self.beat.sum())

    @property
    def rate(self) -> float | None:
        """Return the usual number of pictures per second; None for a single one."""
        return _usual_rate(self.pts)

    def alone(self) -> Presentation:
        """Return the same pictures as if the file had no other frames."""
        new = np.ones(len(self.pts), np.bool_)
        no_beat = np.zeros(max(0, len(new) - 1), np.bool_)
        return Presentation(new, new.astype(np.intp), self.pts, self.pts, no_beat)

    def rate_near(self, declared: float | None) -> float | None:
        """Return the rate; the declared one where both are equal but for rounding of times."""
        if declared and self.rate and abs(self.rate / declared - 1) < _ROUNDING:
            return declared
        return self.rate or declared


class Survey:
    """Search a video's frames for repeats, a chunk at a time, keeping a few small ones."""

    def __init__(self) -> None:
        self._pts: list[float] = []
        self._identical: list[bool] = []
        self._progress: list[float] = []
        self._change: list[float] = []
        self._last: NDArray[np.uint8] | None = None
        self._recent: deque[Picture] = deque(maxlen=4)

    @property
    def frames(self) -> int:
        """Return how many frames were seen."""
        return len(self._pts)

    def add(self, frames: Frames) -> None:
        """Take the next chunk, which holds luma."""
        assert frames.luma is not None
        for time, luma in zip(frames.pts.tolist(), frames.luma, strict=True):
            small = _reduced(luma)
            if self._last is not None:
                before = self._recent[-1]
                self._change.append(float(np.sqrt(np.mean((small - before) ** 2))))
                same = np.array_equal(luma, self._last)
                self._identical.append(same or _most_change(before, small) < _SAME)
            self._recent.append(small)
            self._pts.append(time)
            if len(self._pts) == 3:
                self._progress.append(_progress(*(self._recent[i] for i in (0, 0, 1, 2))))
            elif len(self._pts) > 3:
                self._progress.append(_progress(*self._recent))
            self._last = luma
        self._last = None if self._last is None else self._last.copy()

    def presentation(self, end: float) -> Presentation:
        """Return the presentation.

        Args:
            end: Second at which the last frame ends.
        """
        pts = np.asarray(self._pts)
        if len(pts) < 2:
            one = np.ones(len(pts), np.bool_)
            return Presentation(one, one.astype(np.intp), pts, pts, one[1:])
        progress = self._progress
        if len(pts) > 2:
            a, b, c = list(self._recent)[-3:]
            progress = [*progress, _progress(a, b, c, c)]
        evidence = np.asarray(progress if len(pts) > 2 else [1.0])
        change, identical = np.asarray(self._change), np.asarray(self._identical)
        beat = repeats(evidence, change)
        if beat.any() and identical[beat].mean() > _LOSSLESS:
            close = identical | (change < _INEXACT * np.median(change[~beat]))
            # Where many are not, frames are repeated in a part alone: they are held.
            beat &= close if close[beat].mean() > _MOST else False
        # Without a beat the frames are the pictures, those of a hold too.
        repeated = beat | identical if beat.any() else beat
        new = np.concatenate([[True], ~repeated])
        times = on_grid(_spaced(pts, end), new, np.concatenate([[False], beat]), evidence, end)
        shown = np.diff(times, append=max(end, float(times[-1])))
        rate = _usual_rate(times)
        copies = np.maximum(1, np.rint(shown * rate if rate else np.ones(len(times))))
        copies = copies.astype(np.intp)
        part = np.repeat(shown / copies, copies)
        nth = np.arange(len(part)) - np.repeat(np.cumsum(copies) - copies, copies)
        return Presentation(new, copies, np.repeat(times, copies) + nth * part, pts, beat)


def _spaced(pts: Floats, end: float) -> Floats:
    """Return the times, those of frames stamped like the one before spread up to the next.

    Such a stamp does not say when its frame is shown; the reader puts it a moment later. No frame
    is put more than a usual step after the one before it.
    """
    steps = np.diff(pts)
    usual = float(np.median(steps))
    stamped = np.flatnonzero(np.concatenate([[True], steps > _REPEATED * usual]))
    index = np.arange(len(pts))
    ends = np.append(stamped, len(pts)), np.append(pts[stamped], max(end, float(pts[-1])))
    last = stamped[np.searchsorted(stamped, index, side="right") - 1]
    return np.asarray(np.minimum(np.interp(index, *ends), pts[last] + (index - last) * usual))


def _usual_rate(times: Floats) -> float | None:
    """Return the usual number of steps per second; None for a single time."""
    if len(times) < 2:
        return None
    steps = np.diff(times)
    usual = steps[np.abs(steps / np.percentile(steps, 25) - 1) < 0.25]
    return 1 / float(usual.mean())


class Presenter:
    """Turn chunks of coded frames into distinct pictures at the usual rate."""

    def __init__(self, presentation: Presentation) -> None:
        self._presentation = presentation
        self._coded = self._read = self._given = 0

    def __call__(self, frames: Frames) -> Frames:
        """Return the pictures of the next chunk; maybe none."""
        shown = self._presentation
        new = np.flatnonzero(shown.distinct[self._coded : self._coded + len(frames)])
        copies = shown.copies[self._read : self._read + len(new)]
        self._coded += len(frames)
        self._read += len(new)
        part = slice(self._given, self._given + int(copies.sum()))
        self._given = part.stop
        index = np.repeat(new, copies)
        taken = frames if np.array_equal(index, np.arange(len(frames))) else frames.take(index)
        return replace(taken, pts=shown.pts[part])


def _reduced(luma: NDArray[np.uint8]) -> Picture:
    import cv2

    height, width = luma.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Twice: the first step on bytes is fast, the second keeps fractions of a level.
    picture: Any = luma
    if min(size) * 4 <= min(height, width):
        picture = cv2.resize(luma, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_AREA)
    small: Any = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return cast("Picture", small)


def _most_change(first: Picture, second: Picture) -> float:
    """Return the mean change of the hundredth of the pixels that change most, levels."""
    change = np.abs(second - first).ravel()
    count = max(1, len(change) // 100)
    return float(np.partition(change, -count)[-count:].mean())


def _progress(before: Picture, first: Picture, second: Picture, after: Picture) -> float:
    """Return how far a pair brings the picture from the frame before it to the one after it.

    A repeat brings it nowhere; what a codec leaves points in no direction, and averages out over
    the picture. Steady motion gives a third.
    """
    way = after - before
    return float(np.vdot(second - first, way) / max(float(np.vdot(way, way)), _FLOOR * way.size))
