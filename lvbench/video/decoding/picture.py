"""What a source hands to the reader for each frame, and what a source is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Planes
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold one frame's products; see `Frames` for shapes. Arrays may be views."""

    time: float
    luma: NDArray[np.uint8] | None
    small: NDArray[np.uint8] | None
    rgb: NDArray[np.uint8] | None
    planes: Planes | None = None


class FrameSource(Protocol):
    """Give the pictures of one video in order; each decoder behind the reader is one."""

    info: VideoInfo

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame's products once."""

    def outcome(self) -> DecodeOutcome:
        """Return the judgement on what was decoded so far."""

    def close(self) -> None:
        """Give everything back; harmless when called again."""
