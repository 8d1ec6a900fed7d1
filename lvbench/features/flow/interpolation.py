"""`interpolation_blend`, `_dis`, `_reduced`: how well neighbours predict every second frame."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features, reduced_by_area
from lvbench.features.flow.dis import SMALLEST_SIDE, DenseInverseSearchFlow
from lvbench.features.flow.warp import Float, consistent, sample
from lvbench.video.frames import Frames, Products, concatenate

Picture = NDArray[np.uint8]
_FULL_SIZE = 1 << 16
_UNSEEN = 0.05  # Weight of a picture at a pixel that it does not show.


class Interpolation(Extractor):
    """Predict the 2nd, 4th, 6th... frame of a video from the frames before and after it.

    Arrays for the `n` frames predicted in a block (maybe none), at their times:
        error: float64 `(n,)`, levels of 0 to 255: the mean absolute difference, over pixels and
            channels of the picture that is read, between the frame and its prediction.
        squared: float64 `(n,)`, squared levels: the mean squared difference.
        blend_squared: The same of the plain mean of the two neighbours.
        before, after: float64 `(n,)`, seconds from the frame before and to the frame after.

    Source: Vchitect/VBench, vbench/motion_smoothness.py (45e79ec).
    """

    @abstractmethod
    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the picture halfway between two, uint8 `(h, w, 3)` RGB."""

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function of one video, from its first frame on."""
        last: list[Frames] = []

        def extract(frames: Frames) -> Features:
            joined = concatenate([*last, frames])
            end = (len(joined) - 1) // 2 * 2
            last[:] = [joined.take(slice(end, None))]
            return Features(joined.pts[1:end:2], self(joined))

        return extract

    def __call__(self, frames: Frames) -> Arrays:
        """Return the errors of the 2nd, 4th... of consecutive `frames` that have a next one."""
        if frames.prepared is None:
            frames = self.prepare(frames)
        pictures = frames.rgb if frames.prepared is None else frames.prepared
        assert pictures is not None
        end = (len(frames) - 1) // 2 * 2
        steps = np.diff(frames.pts[: end + 1])
        return self.errors(pictures) | {"before": steps[::2], "after": steps[1::2]}

    def errors(self, pictures: NDArray[Any]) -> Arrays:
        """Return the errors of each picture between two."""
        import cv2

        rows = []
        for i in range(1, len(pictures) - 1, 2):
            first, shown, second = pictures[i - 1 : i + 2]
            predicted, blended = self.between(first, second), mean(first, second)
            rows.append(
                (
                    cv2.norm(shown, predicted, cv2.NORM_L1) / shown.size,
                    cv2.norm(shown, predicted, cv2.NORM_L2SQR) / shown.size,
                    cv2.norm(shown, blended, cv2.NORM_L2SQR) / shown.size,
                )
            )
        names = ("error", "squared", "blend_squared")
        columns = np.asarray(rows, np.float64).reshape(-1, len(names)).T
        return dict(zip(names, columns, strict=True))


def mean(first: Picture, second: Picture) -> Picture:
    """Return the mean of two pictures, halves rounded up."""
    halfway: Picture = ((first.astype(np.uint16) + second + 1) // 2).astype(np.uint8)
    return halfway


def interpolation_spec(name: str, version: int = 1) -> ExtractorSpec:
    """Return the spec that all interpolators share."""
    return ExtractorSpec(name, version, Products(rgb=True), "rgb-full-every-second")


class Blend(Interpolation):
    """`interpolation_blend`: the mean of the two frames."""

    def __init__(self) -> None:
        self.spec = interpolation_spec("interpolation_blend")

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the mean of two pictures."""
        return mean(first, second)


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


class ReducedInterpolation(Interpolation):
    """`interpolation_reduced`: both neighbours moved halfway, then blended by visibility.

    The picture is reduced to `long_side` by area averaging, never enlarged. The flow between the
    two neighbours is found forward and backward by dense inverse search. Pixels that one neighbour
    does not show (covered there, or out of the picture) are taken from the other.

    Args:
        long_side: Longest side in pixels of the picture that is predicted.

    Source: Jiang et al., Super SloMo, CVPR 2018, eq. 4 and 5 at t = 1/2, with the visibility of
    `lvbench.features.flow.warp.consistent`.

    Raises:
        ConfigError: The long side is too small.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(self, long_side: int = 256) -> None:
        if long_side < SMALLEST_SIDE:
            raise ConfigError(
                "set up the extractor 'interpolation_reduced'",
                found=f"long_side={long_side}",
                where="its parameters",
                fix=f"long_side of at least {SMALLEST_SIDE}",
            )
        self.spec = ExtractorSpec(
            "interpolation_reduced",
            1,
            Products(rgb=True),
            f"rgb-area-{long_side}-every-second",
            parameters={"long_side": long_side},
        )
        self._long_side = long_side
        self._flow = DenseInverseSearchFlow(long_side=long_side)

    def prepare(self, frames: Frames) -> Frames:
        """Return the frames reduced, uint8 `(n, h, w, 3)`."""
        assert frames.rgb is not None
        return Frames(frames.pts, prepared=reduced_by_area(frames.rgb, self._long_side))

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the blend of two pictures that were moved halfway."""
        import cv2

        gray = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (first, second)]
        found = self._flow(Frames(np.arange(2.0), luma=np.stack(gray).astype(np.uint8)))
        forward, backward = found["forward"][0], found["backward"][0]
        quarter = (forward - backward) / np.float32(4)
        # Pixels that only the second picture shows must come from the second.
        left = _weight(consistent(backward, forward), quarter)
        right = _weight(consistent(forward, backward), -quarter)
        share = (left / (left + right))[..., None]
        moved = sample(first, -quarter) * share + sample(second, quarter) * (1 - share)
        halfway: Picture = np.rint(moved).astype(np.uint8)
        return halfway


def _weight(seen: NDArray[np.bool_], flow: Float) -> Float:
    """Return 1 at every pixel halfway whose place along `flow` is seen in both pictures."""
    weight: Float = sample(seen.astype(np.float32), flow) + np.float32(_UNSEEN)
    return weight
