"""Find the times of shot cuts in changes of colour."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features
from lvbench.video.frames import Frames, Products

_SIDE = 2  # Frames before and after a cut whose mean change it must exceed.
_NO_CHANGE = 1e-5  # Levels: below it the frames around do not change at all.


class Shots(Extractor):
    """Find cuts: frames that change much more than the frames around them.

    A frame's change is the mean absolute difference of hue (0 to 179), saturation and value
    (0 to 255) from the frame before. A cut is a change of at least `minimum_content` that is
    at least `threshold` times the mean change of two frames before and two after.

    The features' times are those of the first frames of new shots, as far as known (a cut is
    known two frames after it). A cut within the first `minimum_seconds`, or as
    soon after another, is not found. The one array is not aligned with these times:
        seconds: float64 `(1,)`: duration of the frames since the last features, from the last
            frame before them.

    Args:
        size: Longest side of the small RGB picture.
        threshold: How many times a frame's change must exceed its neighbours' mean.
        minimum_content: Smallest change of a cut, levels.
        minimum_seconds: Shortest shot, counted to the frame with which a cut becomes known.

    Source: the adaptive detector of PySceneDetect 0.6, which counts the shortest shot in frames.
    """

    def __init__(
        self,
        size: int = 256,
        threshold: float = 3.0,
        minimum_content: float = 15.0,
        minimum_seconds: float = 0.5,
    ) -> None:
        self.spec = ExtractorSpec(
            name="shots",
            version=1,
            products=Products(small=size),
            preprocessing=f"rgb-swscale-bilinear-{size}",
            parameters={
                "size": size,
                "threshold": threshold,
                "minimum_content": minimum_content,
                "minimum_seconds": minimum_seconds,
            },
        )
        self._threshold, self._content, self._seconds = threshold, minimum_content, minimum_seconds

    def __call__(self, frames: Frames) -> Arrays:
        """Return how long `frames` last; cuts are found over time, by `start`."""
        return {"seconds": np.array([frames.pts[-1] - frames.pts[0]])}

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the detector of one video."""
        before: NDArray[np.uint8] | None = None
        seen = last_cut = None
        window: deque[tuple[float, float]] = deque(maxlen=2 * _SIDE + 1)

        def detect(frames: Frames) -> Features:
            nonlocal before, seen, last_cut
            start = float(frames.pts[0])
            if seen is None:
                seen = last_cut = start
            changes, before = _changes(frames, before)
            found = []
            for t, change in zip(frames.pts.tolist(), changes, strict=True):
                window.append((t, change))
                # Exact sums of decimal times fall short of a round number by less than this.
                if t - last_cut > self._seconds - 1e-6 and self._is_cut(window):
                    last_cut = window[_SIDE][0]
                    found.append(last_cut)
            seconds, seen = float(frames.pts[-1]) - seen, float(frames.pts[-1])
            return Features(np.asarray(found, np.float64), {"seconds": np.array([seconds])})

        return detect

    def _is_cut(self, window: Sequence[tuple[float, float]]) -> bool:
        if len(window) <= 2 * _SIDE:
            return False
        changes = [change for _, change in window]
        change = changes.pop(_SIDE)
        around = sum(changes) / len(changes)
        return change >= self._content and (
            around < _NO_CHANGE or change >= self._threshold * around
        )


def _changes(
    frames: Frames, before: NDArray[np.uint8] | None
) -> tuple[list[float], NDArray[np.uint8]]:
    """Return every frame's change from the one before (0 without one), and the last frame's HSV."""
    import cv2

    changes = []
    assert frames.small is not None
    for picture in frames.small:
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        change = 0.0 if before is None else cv2.norm(hsv, before, cv2.NORM_L1) / hsv.size
        changes.append(change)
        before = hsv
    assert before is not None
    return changes, before
