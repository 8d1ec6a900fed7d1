"""What begins in the picture and in the sound of a video."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.column import Column

_SAME_FRAME = 1e-3  # seconds


@dataclass
class Onsets:
    """Hold a few numbers per frame pair and per hop of the sound of one video.

    Attributes:
        video: The video's context.
        pairs: `(t, rise of motion, rise of change)` of every frame pair, laid end to end: how much
            more the flow (in diagonals per second) and the luma (in levels per second) change than
            in the pair before. The time is that at which the pair's second frame is shown.
        audio: `(t, onset strength)` of every hop.
        cuts: Times of the cuts that were found.
    """

    video: VideoContext
    pairs: Column = field(default_factory=Column)
    audio: Column = field(default_factory=Column)
    cuts: list[float] = field(default_factory=list)
    _last: tuple[float, float] | None = None

    def add_audio(self, onsets: Features) -> None:
        """Take features of `onset_strength`."""
        self.audio.extend(np.stack([onsets.t, onsets["strength"]], axis=1))

    def add_flow(self, flow: Features) -> None:
        """Take features of `dis`."""
        gray = flow["gray"].astype(np.int16)
        for i, (end, dt, arrows) in enumerate(
            zip(flow.t, flow["dt"], flow["forward"], strict=True)
        ):
            length = np.hypot(arrows[..., 0], arrows[..., 1]).mean(dtype=np.float64)
            speed = float(length / (np.hypot(*arrows.shape[:2]) * dt))
            change = float(np.abs(gray[i + 1] - gray[i]).mean(dtype=np.float64) / dt)
            before = self._last or (speed, change)
            rises = max(0.0, speed - before[0]), max(0.0, change - before[1])
            self.pairs.extend((float(end), *rises))
            self._last = speed, change

    def at_cuts(self, t: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which of these times are those of a cut, found or declared."""
        cuts = np.asarray([*self.cuts, *self.video.cuts])
        return np.asarray((np.abs(t[:, None] - cuts) < _SAME_FRAME).any(axis=1))
