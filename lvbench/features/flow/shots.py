"""Find the times of shot cuts: another picture that lasts, and that no motion joins to the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import (
    Arrays,
    Extraction,
    Extractor,
    ExtractorSpec,
    Features,
    reduced_by_area,
)
from lvbench.features.flow.warp import consistent, sample
from lvbench.video.frames import Frames, Products

Picture = NDArray[np.float32]
Gray = NDArray[np.uint8]
_THUMBNAIL, _FLOW = 32, 128  # Longest sides in pixels.
_SPANS = (1, 2, 3, 4)  # Frames over which a change may be spread.
_FOLLOWED = 0.5  # Fraction joined from frame to frame above which motion explains a change.
_FEWEST = 3  # Frames on each side of a cut.
_FRAMES = (5, 32)  # Fewest and most frames that a picture lasts, whatever the frame rate.
_SAFE_SIDE = 32  # OpenCV's DIS reads past its buffers on smaller pictures.
_STAYS = 0.4  # Fraction of the pixels that stay above which it is the same scene.
_SPREAD, _LEAST_SPREAD = 40.0, 4.0  # Levels to which contrast is brought; below, it is noise.
_ALIKE = 10.0  # Levels: a pixel that flow leads to one this close is the same.


class Shots(Extractor):
    """Find cuts: changes to another picture, which lasts, by more than motion or light explains.

    The change between two frames is what remains of their CIELAB thumbnails (longest side 32)
    after the best gain and offset of every channel, with every cell free to take any value of
    the 3 x 3 cells around it; the smaller of both directions counts, so that a blank picture
    differs from none. A cut is a change over one to four frames that

    - is at least `change`, and `ratio` times the mean change over as many frames around it;
    - lasts: every frame of `settle_seconds` before differs by `change` from every one after;
    - no motion explains: optical flow leads at most a fraction `joined` of the pixels to their
      like in the other picture, and between two of the frames at most half: a whip pan is
      followed from frame to frame, a dissolve is not; and at most 40 % of the pixels stay as
      they were.

    The features' times are those of the first frames of new shots; a cut becomes known
    `settle_seconds` after it. A cut within `minimum_seconds` of the last one, or within three
    frames of either end, is not found. The one array is not aligned with these times:
        seconds: float64 `(1,)`: duration of the frames since the last features, from the last
            frame before them.

    Args:
        size: Longest side of the small RGB picture.
        change: Smallest change of a cut, CIELAB units (root mean square over the thumbnail).
        ratio: How many times a cut's change must exceed its neighbours' mean.
        joined: Largest fraction of the picture that optical flow joins across a cut.
        settle_seconds: How long both pictures must last, five frames at least.
        minimum_seconds: Shortest time between two cuts.

    Source: the novelty of a similarity matrix (Cooper and Foote, Scene boundary detection via
    video self-similarity analysis, ICIP 2001); the consistency check of flow is Sundaram et al.'s.
    """

    def __init__(
        self,
        size: int = 256,
        change: float = 4.0,
        ratio: float = 2.5,
        joined: float = 0.15,
        settle_seconds: float = 0.3,
        minimum_seconds: float = 0.5,
    ) -> None:
        self.spec = ExtractorSpec(
            name="shots",
            version=1,
            products=Products(small=size),
            preprocessing=f"rgb-swscale-bilinear-{size}",
            parameters={
                "size": size,
                "change": change,
                "ratio": ratio,
                "joined": joined,
                "settle_seconds": settle_seconds,
                "minimum_seconds": minimum_seconds,
            },
        )
        self.change, self.ratio, self.joined = change, ratio, joined
        self.settle_seconds, self.minimum_seconds = settle_seconds, minimum_seconds

    def __call__(self, frames: Frames) -> Arrays:
        """Return how long `frames` last; cuts are found over time, by `start`."""
        return {"seconds": np.array([frames.pts[-1] - frames.pts[0]])}

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Extraction:
        """Return the detector of one video."""
        return _Detector(self, fps)


@dataclass
class _Frame:
    """A frame of the window: its time, its pictures, and its changes to later frames."""

    t: float
    lab: Picture
    gray: Gray
    changes: dict[float, float] = field(default_factory=dict)

    def change(self, later: _Frame) -> float:
        """Return the change to a later frame, computed once."""
        if later.t not in self.changes:
            self.changes[later.t] = change(self.lab, later.lab)
        return self.changes[later.t]


class _Detector(Extraction):
    """The frames around the place that is examined for a cut."""

    def __init__(self, rules: Shots, fps: float | None) -> None:
        low, high = _FRAMES
        self._rules = rules
        self._settle = min(high, max(low, round(rules.settle_seconds * (fps or 0.0))))
        self._window: deque[_Frame] = deque(maxlen=2 * self._settle + max(_SPANS))
        self._seen: float | None = None
        self._last_cut = -np.inf

    def __call__(self, frames: Frames) -> Features:
        """Return the cuts that have become known."""
        found = []
        for t, lab, gray in zip(frames.pts.tolist(), *_pictures(frames), strict=True):
            self._window.append(_Frame(t, lab, gray))
            found += self._cut(len(self._window) - self._settle)
        since = frames.pts[0] if self._seen is None else self._seen
        self._seen = float(frames.pts[-1])
        return Features(np.asarray(found, np.float64), {"seconds": np.array([self._seen - since])})

    def finish(self) -> Features:
        """Return the cuts among the last frames."""
        first, last = len(self._window) - self._settle + 1, len(self._window) - _FEWEST
        found = [t for k in range(first, last + 1) for t in self._cut(k)]
        return Features(np.asarray(found, np.float64), {"seconds": np.zeros(1)})

    def close(self) -> None:
        """Release the pictures."""
        self._window.clear()

    def _cut(self, first: int) -> list[float]:
        """Return the time of the window's frame `first` if a new shot begins there."""
        window = self._window
        if first < _FEWEST:
            return []
        # Exact sums of decimal times fall short of a round number by less than this.
        if window[first].t - self._last_cut < self._rules.minimum_seconds - 1e-6:
            return []
        spans = [span for span in _SPANS if first - span >= _FEWEST - 1]
        if not any(self._is_cut(first - span, first) for span in spans):
            return []
        self._last_cut = window[first].t
        return [self._last_cut]

    def _is_cut(self, last: int, first: int) -> bool:
        """Return whether one shot ends with frame `last` and the next begins with `first`."""
        window, rules = self._window, self._rules
        if np.sqrt(np.square(window[last].lab - window[first].lab).sum(2).mean()) < rules.change:
            return False  # Gain, offset and motion would explain even more.
        span, size = first - last, len(window)
        step = window[last].change(window[first])
        if step < rules.change:
            return False
        starts = (last - span - 1, last - span, first, first + 1)
        around = [window[k].change(window[k + span]) for k in starts if k >= 0 and k + span < size]
        if not around or step < rules.ratio * sum(around) / len(around):
            return False
        before = range(max(0, last - self._settle + 1), last + 1)
        after = range(first, min(size, first + self._settle))
        if any(window[i].change(window[j]) < rules.change for i in before for j in after):
            return False
        # A flash of a few frames ends in the picture before it.
        ends = ((last, first), (max(0, last - 3), first), (last, min(size - 1, first + 3)))
        for i, j in ends:
            a, b = window[i].gray, window[j].gray
            if stays(a, b) > _STAYS or joined(a, b) > rules.joined:
                return False
        steps = pairwise(range(last, first + 1))
        return any(joined(window[i].gray, window[j].gray) <= _FOLLOWED for i, j in steps)


def _pictures(frames: Frames) -> tuple[list[Picture], NDArray[np.uint8]]:
    """Return every frame's CIELAB thumbnail, and its luma at the size of the flow."""
    import cv2

    assert frames.small is not None
    reduced = reduced_by_area(frames.small, _FLOW)
    thumbnails = reduced_by_area(reduced, _THUMBNAIL).astype(np.float32) / np.float32(255)
    gray = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in reduced])
    return [cv2.cvtColor(t, cv2.COLOR_RGB2LAB) for t in thumbnails], gray.astype(np.uint8)


def change(first: Picture, second: Picture) -> float:
    """Return by how much two thumbnails differ beyond gain, offset and small motion.

    Args:
        first: float32 `(h, w)` or `(h, w, channels)`.
        second: The same of the other frame.

    Returns:
        Root over the cells' mean of the channels' summed squares, in the thumbnails' unit.
    """
    return min(_unexplained(first, second), _unexplained(second, first))


def _unexplained(first: Picture, second: Picture) -> float:
    import cv2

    mean, other = first.mean(axis=(0, 1)), second.mean(axis=(0, 1))
    x, y = first - mean, second - other
    gain = (x * y).mean(axis=(0, 1)) / np.maximum((x * x).mean(axis=(0, 1)), np.float32(1e-3))
    guess = x * np.maximum(gain, 0) + other
    around = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(guess, around), cv2.dilate(guess, around)
    rest = np.maximum(np.maximum(low - second, second - high), 0)
    return float(np.sqrt(np.square(rest).sum() / (first.shape[0] * first.shape[1])))


def joined(first: Gray, second: Gray) -> float:
    """Return the fraction of the second picture that optical flow leads to its like in the first.

    Both are brought to one mean and one spread before, so that a change of exposure joins.

    Args:
        first: Luma, uint8 `(h, w)`.
        second: The same of the other frame.
    """
    import cv2

    a, b = _levelled(first), _levelled(second)
    # A solver keeps the scales of its first pictures: a new one for each.
    solvers = [cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST) for _ in range(2)]
    forward, backward = solvers[0].calc(a, b, None), solvers[1].calc(b, a, None)  # type: ignore[call-overload]
    rest = np.abs(sample(a, backward).astype(np.float32) - b)
    return float(((rest < _ALIKE) & consistent(backward, forward)).mean())


def stays(first: Gray, second: Gray) -> float:
    """Return the fraction of pixels that are alike in both pictures, for their contrast.

    Args:
        first: Luma, uint8 `(h, w)`.
        second: The same of the other frame.
    """
    spread = max(float(first.std() + second.std()) / 2, _LEAST_SPREAD)
    apart = np.abs(first.astype(np.int16) - second)
    return float((apart < _ALIKE * spread / _SPREAD).mean())


def _levelled(gray: Gray) -> Gray:
    spread = max(float(gray.std()), _LEAST_SPREAD)
    level = (gray - gray.mean(dtype=np.float64)) * (_SPREAD / spread) + 128
    height, width = gray.shape
    room = ((0, max(0, _SAFE_SIDE - height)), (0, max(0, _SAFE_SIDE - width)))
    return np.pad(np.clip(np.rint(level), 0, 255).astype(np.uint8), room, "edge")
