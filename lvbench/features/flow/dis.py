"""`dis`: dense optical flow of consecutive frames by dense inverse search, both ways."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError, VideoDecodeError
from lvbench.features.base import Arrays, Extractor, ExtractorSpec, reduced_by_area
from lvbench.features.flow.warp import consistent
from lvbench.video.frames import Frames, Products

PRESETS = ("ultrafast", "fast", "medium")
SMALLEST_SIDE = 12
# OpenCV's DIS reads past its buffers on pictures such as 24x256: shorter sides are padded to this.
_SAFE_SIDE = 32


class DenseInverseSearchFlow(Extractor):
    """Compute forward and backward flow of every frame pair on the reduced luma.

    The luma is reduced to `long_side` by area averaging, never enlarged. No pair is started from
    another's flow, so the features of a pair depend on its two frames alone.

    Arrays for `n` pairs, at the reduced size `(h, w)`:
        gray: uint8 `(n + 1, h, w)`: the reduced luma, one more than there are pairs.
        forward: float32 `(n, h, w, 2)`, pixels `(dx, dy)` from the first frame to the second, on
            the grid of the first.
        backward: The same from the second to the first, on the grid of the second.
        consistent: bool `(n, h, w)`, on the grid of the first: where the two flows agree and stay
            in the picture (`lvbench.features.flow.warp.consistent`).
        consistent_backward: The same on the grid of the second.
        dt: float64 `(n,)`, seconds between the two frames.

    Args:
        long_side: Longest side in pixels at which flow is computed.
        preset: `ultrafast`, `fast` or `medium`: OpenCV's presets.

    Source: Kroeger et al., Fast optical flow using dense inverse search, ECCV 2016; OpenCV's
    implementation.

    Raises:
        ConfigError: The preset is unknown or the long side too small.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(self, long_side: int = 256, preset: str = "fast") -> None:
        if preset not in PRESETS or long_side < SMALLEST_SIDE:
            raise ConfigError(
                "set up the extractor 'dis'",
                found=f"long_side={long_side}, preset={preset!r}",
                where="its parameters",
                fix=f"long_side of at least {SMALLEST_SIDE}, preset one of {', '.join(PRESETS)}",
            )
        self.spec = ExtractorSpec(
            name="dis",
            version=1,
            products=Products(luma=True),
            preprocessing=f"luma-area-{long_side}",
            sampling="pairs",
            parameters={"long_side": long_side, "preset": preset},
        )
        self._long_side, self._preset = long_side, preset

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of `frames`, which hold luma."""
        assert frames.luma is not None
        gray = np.ascontiguousarray(reduced_for_flow(frames.luma, self._long_side, "dis"))
        flows = [(self._flow(a, b), self._flow(b, a)) for a, b in pairwise(gray)]
        return {
            "gray": gray,
            "forward": np.stack([f for f, _ in flows]),
            "backward": np.stack([b for _, b in flows]),
            "consistent": np.stack([consistent(f, b) for f, b in flows]),
            "consistent_backward": np.stack([consistent(b, f) for f, b in flows]),
            "dt": np.diff(frames.pts),
        }

    def _flow(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
        import cv2

        height, width = first.shape
        down, right = max(0, _SAFE_SIDE - height), max(0, _SAFE_SIDE - width)
        if down or right:
            first, second = (np.pad(f, ((0, down), (0, right)), "edge") for f in (first, second))
        # A solver adapts its scales to small pictures and keeps them: only a new one gives the
        # same flow whatever the pictures before.
        preset = getattr(cv2, f"DISOPTICAL_FLOW_PRESET_{self._preset.upper()}")
        solver: Any = cv2.DISOpticalFlow.create(preset)
        flow: NDArray[np.float32] = solver.calc(first, second, None)
        return flow[:height, :width]


def reduced_for_flow(
    images: NDArray[np.uint8], long_side: int, extractor: str
) -> NDArray[np.uint8]:
    """Return images `uint8 (n, h, w, ...)` reduced by area; 0 for the full size.

    Raises:
        VideoDecodeError: A side is shorter than 12 pixels then (code `too_small`).
    """
    reduced = reduced_by_area(images, long_side) if long_side else images
    height, width = reduced.shape[1:3]
    if min(height, width) < SMALLEST_SIDE:
        before = f"{images.shape[2]}x{images.shape[1]}"
        raise VideoDecodeError(
            "compute optical flow",
            found=f"frames of {before}, {width}x{height} after reduction",
            where=f"extractor '{extractor}'",
            fix=f"use frames whose shorter side is {SMALLEST_SIDE} pixels or more then",
            code="too_small",
        )
    return reduced
