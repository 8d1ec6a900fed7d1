"""Timeline of a clip: the shot of each frame, and its time within the shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.world import camera, light
from lvbench.world.grammar import Shot, check_starts

_TINY = 1e-9  # seconds; a frame at a shot's start belongs to it, whatever the rounding

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShotSpan:
    """Consecutive frames of one shot.

    Attributes:
        index: Index of the shot.
        shot: The shot.
        first: Index of the first frame.
        times: Seconds since the clip's start, `(T,)`.
        since: Seconds since the shot's start, `(T,)`.
    """

    index: int
    shot: Shot
    first: int
    times: Array
    since: Array

    @property
    def camera(self) -> Array:
        """Return the camera's positions `(T,)` in view widths."""
        return camera.position(self.shot.camera, self.since)

    def parts(self, most: int) -> Iterator[ShotSpan]:
        """Yield the span in parts of at most `most` frames."""
        for low in range(0, len(self.times), most):
            times, since = self.times[low : low + most], self.since[low : low + most]
            yield ShotSpan(self.index, self.shot, self.first + low, times, since)

    @property
    def gain(self) -> Array:
        """Return the gains of the light `(T, 3)`."""
        return light.gain(self.shot.light, self.times)


class ShotTimeline:
    """The frames of a schedule of shots, without an end.

    Args:
        shots: The shots in order, the first at 0.
        fps: Frames per second.

    Raises:
        ConfigError: The shots are not in order.
        UsageError: The rate is not positive.
    """

    def __init__(self, shots: Sequence[Shot], fps: float) -> None:
        check_starts(shots)
        if not 0 < fps < float("inf"):
            raise UsageError(
                "lay out a clip", found=f"fps = {fps}", where="fps", fix="give a positive rate"
            )
        self.shots = tuple(shots)
        self.fps = fps
        # The first frame that is not before the shot's start.
        self.firsts = [int(np.ceil((shot.start - _TINY) * fps)) for shot in self.shots]

    def runs(self, start: int, stop: int) -> Iterator[ShotSpan]:
        """Yield the frames [start, stop), split by shots.

        Raises:
            UsageError: The range is invalid.
        """
        self.check(start, stop)
        for index in range(self.shot_at(start), len(self.shots)):
            low = max(start, self.firsts[index])
            high = min([stop, *self.firsts[index + 1 : index + 2]])
            if low >= stop:
                break
            if low < high:
                times = np.arange(low, high) / self.fps
                since = np.maximum(times - self.shots[index].start, 0.0)
                yield ShotSpan(index, self.shots[index], low, times, since)

    def check(self, start: int, stop: int) -> None:
        """Refuse an invalid range of frames."""
        if not 0 <= start <= stop:
            raise UsageError(
                "read frames",
                found=f"the range [{start}, {stop})",
                where="the range of frames",
                fix="give 0 <= start <= stop",
            )

    def shot_at(self, frame: int) -> int:
        """Return the index of a frame's shot."""
        return int(np.searchsorted(self.firsts, frame, "right")) - 1
