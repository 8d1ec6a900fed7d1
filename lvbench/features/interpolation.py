"""`interpolation_blend`, `interpolation_dis`: how well neighbours predict every second frame."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features
from lvbench.features.dis import DenseInverseSearchFlow
from lvbench.features.warp import sample
from lvbench.video.frames import Frames, Products, concatenate

Picture = NDArray[np.uint8]
_FULL_SIZE = 1 << 16


class Interpolation(Extractor):
    """Predict the 2nd, 4th, 6th... frame of a video from the frames before and after it.

    Arrays for the `n` frames predicted in a block (a block may make none), whose times they bear:
        error: float64 `(n,)`, levels of 0 to 255: the mean absolute difference, over pixels and
            channels of the full-size picture, between the frame and its prediction.

    Source: Vchitect/VBench, vbench/motion_smoothness.py (45e79ec).
    """

    @abstractmethod
    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the picture halfway between two, uint8 `(h, w, 3)` RGB."""

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function that goes through one video, from its first frame on."""
        last: list[Frames] = []

        def extract(frames: Frames) -> Features:
            joined = concatenate([*last, frames])
            end = (len(joined) - 1) // 2 * 2
            last[:] = [joined.take(slice(end, None))]
            return Features(joined.pts[1:end:2], self(joined))

        return extract

    def __call__(self, frames: Frames) -> Arrays:
        """Return the errors of the 2nd, 4th... of consecutive `frames` that have a next one."""
        pictures = frames.rgb if frames.prepared is None else frames.prepared
        assert pictures is not None
        return {"error": np.asarray(self.errors(pictures), np.float64)}

    def errors(self, pictures: NDArray[Any]) -> list[float]:
        """Return the error of each picture between two."""
        import cv2

        out = []
        for i in range(1, len(pictures) - 1, 2):
            predicted = self.between(pictures[i - 1], pictures[i + 1])
            out.append(float(cv2.absdiff(pictures[i], predicted).mean(dtype=np.float64)))
        return out


def interpolation_spec(name: str, version: int = 1) -> ExtractorSpec:
    """Return what all interpolators have in common."""
    return ExtractorSpec(name, version, Products(rgb=True), "rgb-full-every-second")


class Blend(Interpolation):
    """`interpolation_blend`: the mean of the two frames."""

    def __init__(self) -> None:
        self.spec = interpolation_spec("interpolation_blend")

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the mean of two pictures."""
        mean: Picture = ((first.astype(np.uint16) + second + 1) // 2).astype(np.uint8)
        return mean


class FlowInterpolation(Interpolation):
    """`interpolation_dis`: both frames moved halfway along dense inverse search, then blended.

    Source: Jiang et al., Super SloMo, CVPR 2018, eq. 4 at t = 1/2.
    """

    def __init__(self) -> None:
        self.spec = interpolation_spec("interpolation_dis")
        self._flow = DenseInverseSearchFlow(long_side=_FULL_SIZE)

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the blend of two pictures that were moved halfway."""
        import cv2

        gray = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (first, second)]
        luma = np.stack(gray).astype(np.uint8)
        found = self._flow(Frames(np.arange(2.0), luma=luma))
        quarter = (found["forward"][0] - found["backward"][0]) / np.float32(4)
        moved = sample(first, -quarter).astype(np.uint16) + sample(second, quarter)
        halfway: Picture = ((moved + 1) // 2).astype(np.uint8)
        return halfway
