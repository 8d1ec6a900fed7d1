"""Scenes made of other scenes: remapped, matched, joined, seen by a camera that leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.validity.clip import Clip, Numbers, Pictures, Reordered

_SAMPLES = 8
GREY = np.array([0.299, 0.587, 0.114], np.float32)
_EDGE = 0.06  # of the width over which a boundary between two scenes fades

Mask = NDArray[np.float32]


def _look(clip: Clip) -> tuple[Mask, float, float]:
    """Return mean colour, standard deviation of light and mean colourfulness of a clip."""
    pictures = sample(clip).astype(np.float32)
    grey = pictures @ GREY
    mean = pictures.mean(axis=(0, 1, 2))
    chroma = np.abs(pictures - mean - (grey - mean @ GREY)[..., None]).mean()
    return mean, float(grey.std()), float(chroma)


def sample(clip: Clip) -> Pictures:
    """Return a few frames, spread evenly over the clip."""
    last = clip.shape.frames - 1
    return clip.take(np.linspace(0, last, min(_SAMPLES, last + 1)).astype(np.intp))


class Remapped(Clip):
    """Another scene made of a clip: an enlarged part of it, flipped, at another time.

    Light, colours, texture and motion are those of the clip, so that only the scene differs.

    Args:
        clip: The clip.
        variant: Which scene: variants 0 to 5 differ in part, orientation and time.
    """

    def __init__(self, clip: Clip, variant: int) -> None:
        first = clip.shape.frames * (2 * variant + 1) // 7
        numbers = np.arange(first, first + clip.shape.frames)
        self._clip = Reordered(clip, to_and_fro(numbers, clip.shape.frames))
        self._variant, self.shape = variant, clip.shape

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        height, width = self.shape.height, self.shape.width
        rows, columns = round(0.62 * height), round(0.62 * width)
        top = (0, height - rows)[self._variant % 2]
        left = (width - columns, 0, (width - columns) // 2)[self._variant % 3]
        flip = ((1, -1), (-1, -1), (-1, 1))[self._variant % 3]
        parts = self._clip.take(numbers)[:, top : top + rows, left : left + columns]
        return resized(parts[:, :: flip[0], :: flip[1]], height, width)


class Matched(Clip):
    """A clip in the size, length and rate of another, with its mean light, contrast and colours.

    Args:
        clip: The clip; played to and fro if it is shorter.
        like: The other.
    """

    def __init__(self, clip: Clip, like: Clip) -> None:
        self._clip, self.shape = clip, like.shape
        (own, spread, chroma), (mean, wanted, colour) = map(_look, (clip, like))
        self._from, self._to = own, mean
        self._gain = float(np.clip(wanted / max(spread, 1), 0.5, 2))
        self._colour = float(np.clip(colour / max(chroma, 1), 0, 1.5))

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        own = self._clip.shape
        places = np.rint(numbers * (own.fps / self.shape.fps)).astype(np.intp)
        there = self._clip.take(to_and_fro(places, own.frames))
        pictures = resized(there, self.shape.height, self.shape.width).astype(np.float32)
        pictures -= self._from
        grey = pictures @ GREY
        changed = self._gain * grey[..., None] + self._colour * (pictures - grey[..., None])
        out: Pictures = np.clip(np.rint(changed + self._to), 0, 255).astype(np.uint8)
        return out


class PartReplaced(Clip):
    """A clip with a part of its picture taken from another from a time on.

    Args:
        clip: The clip.
        other: The other, of the same shape.
        mask: Share of the other in each pixel, `(h, w)`.
        start: Seconds.
    """

    def __init__(self, clip: Clip, other: Clip, mask: Mask, start: float) -> None:
        self._clip, self._other, self._mask = clip, other, mask[..., None]
        self._start, self.shape = start, clip.shape

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        pictures = self._clip.take(numbers)
        late = numbers >= self._start * self.shape.fps - 1e-6
        if late.any():
            here, there = pictures[late].astype(np.float32), self._other.take(numbers[late])
            pictures[late] = np.rint(here + self._mask * (there - here)).astype(np.uint8)
        return pictures


class Tour(Clip):
    """A clip seen by a camera that turns away from it and returns.

    To the right of the clip the scene continues as its mirror image. The camera stays at home for
    a fifth of the time, turns away, stays, returns, and stays at home, a fifth each.

    Args:
        clip: The clip.
        elsewhere: Another scene of the same shape.
    """

    def __init__(self, clip: Clip, elsewhere: Clip, changed: Mask | None = None) -> None:
        self.clip, self.elsewhere, self.shape = clip, elsewhere, clip.shape
        self._home = clip
        if changed is not None:
            self._home = PartReplaced(clip, elsewhere, changed, 0.5 * clip.shape.seconds)

    def changed(self, mask: Mask) -> Tour:
        """Return the tour with a part of home replaced by elsewhere while the camera is away."""
        return Tour(self.clip, self.elsewhere, mask)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the views of these numbers."""
        import cv2

        height, width = self.shape.height, self.shape.width
        homes, mirrored = self._home.take(numbers), self.clip.take(numbers)[:, :, ::-1]
        lefts = width * _there_and_back((numbers + 0.5) / self.shape.frames)
        for k, left in enumerate(lefts.tolist()):
            if left > 0:
                scene = np.concatenate([homes[k], mirrored[k]], axis=1)
                centre = left + (width - 1) / 2, (height - 1) / 2
                homes[k] = cv2.getRectSubPix(scene, (width, height), centre)
        return homes


def to_and_fro(numbers: Numbers, frames: int) -> Numbers:
    """Return frame numbers of a clip of `frames`, which runs back where it ends."""
    last = frames - 1
    places = numbers % max(1, 2 * last)
    return np.asarray(np.minimum(places, abs(2 * last - places)))


def side_mask(height: int, width: int, share: float, seed: int) -> Mask:
    """Return a mask `(h, w)` of a share of the picture, from one side on, with a soft boundary."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, width, dtype=np.float32)[None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    bend = 0.06 * np.sin(2 * np.pi * (y * rng.uniform(1, 2) + rng.uniform()))
    reach = share * (1 + 2 * _EDGE + 0.12) - _EDGE - 0.06
    mask = np.clip(0.5 + (reach + bend - x) / (2 * _EDGE), 0, 1)
    return np.asarray(mask[:, ::-1] if rng.uniform() < 0.5 else mask, np.float32)


def resized(pictures: Pictures, height: int, width: int) -> Pictures:
    """Return pictures in another size."""
    import cv2

    if pictures.shape[1:3] == (height, width):
        return np.ascontiguousarray(pictures)
    smaller = pictures.shape[1] * pictures.shape[2] > height * width
    how: Any = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.stack(
        [cv2.resize(np.ascontiguousarray(p), (width, height), interpolation=how) for p in pictures]
    )


def _there_and_back(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far a camera is turned, 0 to 1, at shares of the time."""
    turns = np.clip(5 * share - 1, 0, 1) + np.clip(5 * share - 3, 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * turns))
