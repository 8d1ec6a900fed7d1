"""Generate a test clip and inspect its file."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.contract.base import Generator, Request
from lvbench.generators.contract.measure import Cost
from lvbench.video.audio.decode import AudioReader
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products


@dataclass(frozen=True, slots=True)
class ClipInspection:
    """Contents of a clip's file.

    Attributes:
        frames: Number of decoded frames.
        width: Pixels.
        height: Pixels.
        fps: Frames per second, from the frames' times.
        digest: SHA-256 of all pixels.
        seams: Seams reported by the generator.
        cost: Measured cost.
        audio_seconds: Length of the audio; None without audio.
    """

    frames: int
    width: int
    height: int
    fps: float
    digest: str
    seams: tuple[float, ...] | None
    cost: Cost
    audio_seconds: float | None

    @property
    def seconds(self) -> float:
        """Return the clip's length."""
        return self.frames / self.fps


def inspect_clip(generator: Generator, request: Request, path: Path) -> ClipInspection:
    """Generate a clip and inspect its file.

    Raises:
        LvbenchError: The clip cannot be generated or read.
    """
    clip = generator.make(request, path)
    digest, times = hashlib.sha256(), []
    with open_video(clip.path, Products(rgb=True), fps=clip.fps) as reader:
        for chunk in reader:
            assert chunk.rgb is not None
            digest.update(chunk.rgb.tobytes())
            times += chunk.pts.tolist()
        info = reader.info
    spacing = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else None
    return ClipInspection(
        frames=len(times),
        width=info.width,
        height=info.height,
        fps=1 / spacing if spacing else info.fps or request.fps,
        digest=digest.hexdigest(),
        seams=clip.seams,
        cost=clip.cost,
        audio_seconds=_audio_seconds(clip.path) if info.has_audio else None,
    )


def peak_memory_by_quarter(chunks: Iterator[NDArray[np.uint8]], frames: int) -> list[int]:
    """Return the peak memory of Python and numpy in each quarter of a clip, in bytes.

    Args:
        chunks: Chunks of the clip, released as they arrive.
        frames: Number of frames.
    """
    peaks, done = [0] * 4, 0
    tracemalloc.start()
    try:
        for chunk in chunks:
            quarter = min(3, 4 * done // frames)
            done += len(chunk)
            del chunk
            peaks[quarter] = max(peaks[quarter], tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
    finally:
        tracemalloc.stop()
    # A chunk longer than a quarter leaves the next quarter without a measurement.
    for quarter in range(1, 4):
        peaks[quarter] = peaks[quarter] or peaks[quarter - 1]
    return peaks


def _audio_seconds(path: Path) -> float:
    with AudioReader(path) as reader:
        return sum(len(audio) / audio.rate for audio in reader)
