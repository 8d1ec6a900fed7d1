"""`interpolation_reduced`: every second frame from its neighbours, at a size that all share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import ExtractorSpec
from lvbench.features.flow.dis import SMALLEST_SIDE, DenseInverseSearchFlow
from lvbench.features.flow.interpolation import Interpolation, Picture
from lvbench.features.flow.warp import Float, consistent, sample
from lvbench.video.frames import Frames, Products

_UNSEEN = 0.05  # What a picture weighs at a pixel that it does not show.


class ReducedInterpolation(Interpolation):
    """Move both neighbours halfway along their flow and blend them by visibility.

    The picture is reduced to `long_side` by area averaging, never enlarged. The flow between the
    two neighbours is found forward and backward by dense inverse search. What one neighbour does
    not show (covered there, or out of the picture) is taken from the other.

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
        return Frames(frames.pts, prepared=self._reduced(frames))

    def _reduced(self, frames: Frames) -> NDArray[np.uint8]:
        import cv2

        assert frames.rgb is not None
        height, width = frames.rgb.shape[1:3]
        scale = self._long_side / max(height, width)
        if scale >= 1:
            return frames.rgb
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return np.stack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames.rgb])

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the blend of two pictures that were moved halfway."""
        import cv2

        gray = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (first, second)]
        found = self._flow(Frames(np.arange(2.0), luma=np.stack(gray).astype(np.uint8)))
        forward, backward = found["forward"][0], found["backward"][0]
        quarter = (forward - backward) / np.float32(4)
        # What the second picture shows and the first does not must come from the second.
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
