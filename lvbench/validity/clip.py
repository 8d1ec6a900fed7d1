"""Clips whose frames are computed when they are read: a source, and what faults make of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Numbers = NDArray[np.intp]
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a clip: frames, height and width in pixels, frames per second."""

    frames: int
    height: int
    width: int
    fps: float

    @property
    def seconds(self) -> float:
        """Return the duration."""
        return self.frames / self.fps


class Clip(ABC):
    """A clip of RGB frames at a constant rate, read by frame number.

    Attributes:
        shape: Its size.
    """

    shape: Shape

    @abstractmethod
    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers, in their order, uint8 `(n, h, w, 3)`."""

    def blocks(self, frames: int = _BLOCK) -> Iterator[Pictures]:
        """Yield all frames in order, in blocks."""
        for first in range(0, self.shape.frames, frames):
            yield self.take(np.arange(first, min(first + frames, self.shape.frames)))


class ArrayClip(Clip):
    """A clip of frames in memory, or in a mapped file.

    Args:
        frames: uint8 `(n, h, w, 3)`.
        fps: Frames per second.
    """

    def __init__(self, frames: Pictures, fps: float) -> None:
        self._frames = frames
        self.shape = Shape(len(frames), frames.shape[1], frames.shape[2], fps)

    def take(self, numbers: Numbers) -> Pictures:
        """Return a copy of the frames of these numbers."""
        return self._frames[numbers]


class Reordered(Clip):
    """Other frames of a clip, at its rate.

    Args:
        clip: The clip.
        numbers: Number of the clip's frame for each frame.
    """

    def __init__(self, clip: Clip, numbers: Numbers) -> None:
        self._clip, self._numbers = clip, np.asarray(numbers, np.intp)
        own = clip.shape
        self.shape = Shape(len(self._numbers), own.height, own.width, own.fps)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the clip's frames at these places."""
        return self._clip.take(self._numbers[numbers])


Change = Callable[[Pictures, Numbers], Pictures]


class Changed(Clip):
    """A clip with each frame changed by a function of the frame and its number.

    Args:
        clip: The clip.
        change: From frames and their numbers to frames of the same shape. The result for a frame
            may depend on nothing else, or reading in blocks would change it.
    """

    def __init__(self, clip: Clip, change: Change) -> None:
        self._clip, self._change = clip, change
        self.shape = clip.shape

    def take(self, numbers: Numbers) -> Pictures:
        """Return the changed frames of these numbers."""
        return self._change(self._clip.take(numbers), numbers)


class Blended(Clip):
    """A clip read at fractional frame numbers, or two places of a clip mixed into one.

    Args:
        clip: The clip.
        first: Number of the first of the two frames, for each frame.
        second: Number of the second.
        share: Weight of the second, 0 to 1. Frames of weight 0 are the first, unchanged.
    """

    def __init__(
        self, clip: Clip, first: Numbers, second: Numbers, share: NDArray[np.float64]
    ) -> None:
        self._clip, self._first, self._second, self._share = clip, first, second, share
        own = clip.shape
        self.shape = Shape(len(first), own.height, own.width, own.fps)

    @classmethod
    def at(cls, clip: Clip, places: NDArray[np.float64]) -> Blended:
        """Return a clip read at fractional frame numbers `(n,)`, by linear blending."""
        last = clip.shape.frames - 1
        places = np.clip(places, 0, last)
        first = np.floor(places + 1e-9).astype(np.intp)
        share = np.where(places - first > 1e-6, places - first, 0.0)
        return cls(clip, first, np.minimum(first + 1, last), share)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the mixed frames of these numbers."""
        out = self._clip.take(self._first[numbers])
        share = self._share[numbers]
        mixed = np.flatnonzero(share)
        if len(mixed):
            others = self._clip.take(self._second[numbers[mixed]])
            for i, other in zip(mixed, others, strict=True):
                out[i] = np.rint(out[i] * (1 - share[i]) + other * share[i])
        return out
