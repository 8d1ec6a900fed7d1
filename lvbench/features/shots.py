"""Times of shot cuts, by PySceneDetect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features
from lvbench.video.frames import Frames, Products


class Shots(Extractor):
    """Detect cuts with PySceneDetect's adaptive detector on the small RGB picture.

    The features' times are those of the first frames of new shots, as far as they are known by
    then (a cut is known two frames after it). A cut within the first `minimum_seconds`, or as
    soon after another, is not found. The one array does not run along these times:
        seconds: float64 `(1,)`: how long the frames seen since the last features last, from the
            last frame before them.

    Args:
        size: Longest side of the small RGB picture.
        threshold: How many times a frame's change must exceed its neighbours' mean.
        minimum_content: Smallest change of a cut, mean HSV difference in 0..255.
        minimum_seconds: Shortest shot.

    Source: PySceneDetect 0.6, AdaptiveDetector.
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
        """Return the detector of one video; without `fps` its first frames' times give the rate."""
        detector: Any = None
        number = 0
        last: float | None = None
        recent: deque[tuple[int, float]] = deque(maxlen=16)

        def detect(frames: Frames) -> Features:
            nonlocal detector, number, last
            assert frames.small is not None
            if detector is None:
                detector = self._detector(fps or _rate(frames))
            found: list[float] = []
            for picture, t in zip(frames.small, frames.pts, strict=True):
                recent.append((number, float(t)))
                bgr = np.ascontiguousarray(picture[:, :, ::-1])
                cuts = detector.process_frame(number, bgr)
                found += [time for n, time in recent if n in cuts]
                number += 1
            seconds, last = (
                frames.pts[-1] - (frames.pts[0] if last is None else last),
                frames.pts[-1],
            )
            return Features(np.asarray(found, np.float64), {"seconds": np.array([seconds])})

        return detect

    def _detector(self, fps: float) -> Any:
        from scenedetect.detectors import AdaptiveDetector

        return AdaptiveDetector(
            adaptive_threshold=self._threshold,
            min_scene_len=max(1, round(self._seconds * fps)),
            min_content_val=self._content,
        )


def _rate(frames: Frames) -> float:
    return 1 / float(np.median(np.diff(frames.pts))) if len(frames) > 1 else 24.0
