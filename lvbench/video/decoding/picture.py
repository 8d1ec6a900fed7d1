"""The contract between a decoder and the reader: a source, and its pictures."""

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
    """Decode the pictures of one video in order; each decoder behind the reader is one."""

    info: VideoInfo

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame's products once."""

    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding so far."""

    def close(self) -> None:
        """Close everything; harmless when called again."""
