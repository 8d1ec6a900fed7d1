"""`motion_layers`: the motion of the camera, and the speed of what moves against it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Windows
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.moving_region import moving_parts
from lvbench.video.frames import Frames, Products

MOTION_RATE = 10.0
"""Frames per second between which motion is measured; over less time it is below flow's noise."""
_FOLLOWED = 0.3  # Share of consistent flow below which two frames show no common scene.


class MotionLayers(Extractor):
    """Fit the camera's motion to the flow of sampled moments, and find what moves against it.

    At each sampled time the frame is compared with those a tenth of a second before and after, on
    luma reduced to `long_side` (see `lvbench.features.flow`: `camera` and `moving_region`).

    Arrays for `n` sampled times, which are those of the middle frames, float64 `(n,)`:
        before, after: Seconds to the two other frames.
        followed: 1 where flow leads from each frame to the next over 30 % of the picture; all
            other values of the camera are valid only there.
        speed: Mean length of the camera's motion over the picture, diagonals per second.
        right, down: How the content moves at the centre, diagonals per second.
        zoom: Growth of lengths, logarithm per second; positive towards the scene.
        rotation: Turn of the content, degrees per second, clockwise.
        separable: 1 where motion against the camera can be separated: the camera is followed, and
            not so fast in a scene with depth that everything moves against it.
        moving: Share of the picture that moves against the camera.
        subject_speed: Median length of its motion against the camera, diagonals per second, or 0.

    Args:
        rate: Sampled times per second, at most 3.
        long_side: Longest side in pixels at which flow is computed.

    Raises:
        ConfigError: The rate is out of range, or the long side too small.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(self, rate: float = 2.0, long_side: int = 256) -> None:
        if not 0 < rate <= 3:
            raise ConfigError(
                "set up the extractor 'motion_layers'",
                found=f"rate={rate}",
                where="its parameters",
                fix="a rate above 0 and up to 3",
            )
        self._flow = DenseInverseSearchFlow(long_side)
        self.spec = ExtractorSpec(
            "motion_layers",
            1,
            Products(luma=True),
            f"luma-area-{long_side}",
            sampling="windows",
            batch=1,
            parameters={"rate": rate, "long_side": long_side},
            rate=MOTION_RATE,
            windows=Windows(length=3, every=1 / rate),
        )

    def times(self, frames: Frames) -> NDArray[np.float64]:
        """Return the time of the middle frame of each moment."""
        return frames.pts[1::3]

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of consecutive moments of three frames."""
        moments = [self._moment(frames.take(slice(i, i + 3))) for i in range(0, len(frames), 3)]
        return {name: np.array([m[name] for m in moments], np.float64) for name in moments[0]}

    def _moment(self, frames: Frames) -> dict[str, float]:
        found = self._flow(frames)
        before, after = (float(step) for step in np.diff(frames.pts))
        back, ahead = found["consistent_backward"][0], found["consistent"][1]
        flow = found["forward"][1]
        motion = moving_parts(
            found["gray"], (found["backward"][0], flow), (back, ahead), (before, after)
        )
        camera, field = motion.camera, motion.camera.flow()
        height, width = field.shape[:2]
        unit = float(np.hypot(height, width)) * after
        against = np.hypot(*np.moveaxis(flow - field, -1, 0))[motion.mask]
        right, down = camera.translation
        return {
            "before": before,
            "after": after,
            "followed": float(min(back.mean(), ahead.mean()) > _FOLLOWED),
            "speed": float(np.hypot(*np.moveaxis(field, -1, 0)).mean(dtype=np.float64)) / unit,
            "right": right * width / unit,
            "down": down * height / unit,
            "zoom": camera.zoom / after,
            "rotation": float(np.degrees(camera.rotation)) / after,
            "separable": float(motion.separable),
            "moving": float(motion.mask.mean()),
            "subject_speed": float(np.median(against)) / unit if len(against) else 0.0,
        }
