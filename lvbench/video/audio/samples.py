"""The one type of audio in lvbench: a chunk of samples with its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import VideoDecodeError

_USUAL = {1: ("FC",), 2: ("FL", "FR"), 6: ("FL", "FR", "FC", "LFE", "BL", "BR")}


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Hold consecutive samples; a video's chunks follow each other without a gap.

    Attributes:
        t0: Seconds of the first sample, counted from the first picture; audio that begins before
            it has negative times.
        rate: Samples per second.
        samples: float32 `(n, channels)`, full scale at -1 and 1.
        channels: Name of each channel: `FL`, `FR`, `FC`, `LFE`, `BL`, `SL`, ...
        missing: Whether the file has no audio here, and the samples are inserted silence.
    """

    t0: float
    rate: int
    samples: NDArray[np.float32]
    channels: tuple[str, ...]
    missing: bool = False

    def __len__(self) -> int:
        return len(self.samples)


def between(audio: AudioBlock, start: float, end: float) -> AudioBlock:
    """Return the samples from `start` up to `end` seconds; none may be left."""
    first = max(0, round((start - audio.t0) * audio.rate))
    last = len(audio) if end == float("inf") else max(0, round((end - audio.t0) * audio.rate))
    t0 = audio.t0 + first / audio.rate
    return replace(audio, t0=t0, samples=audio.samples[first:last])


def usual_channels(count: int) -> tuple[str, ...]:
    """Return the names of unnamed channels: the order of WAV files, for 1, 2 and 6."""
    return _USUAL.get(count) or tuple(f"C{k}" for k in range(count))


def audio_error(code: str, path: object, found: str) -> VideoDecodeError:
    """Return the error of code `no_audio` or `audio_damaged` for the video at `path`."""
    fix = {
        "no_audio": "give a file with an audio track, or leave out the audio metrics",
        "audio_damaged": "write the file's audio again",
    }
    return VideoDecodeError(
        "read the audio", found=found, where=str(path), fix=fix[code], code=code
    )


def as_float(data: NDArray[Any], channels: int, *, planar: bool) -> NDArray[np.float32]:
    """Return samples as float32 `(n, channels)` with full scale at -1 and 1.

    Args:
        data: `(channels, n)` if planar, else `(1, n * channels)`; integers of any width (unsigned
            ones of 8 bits) or floats.
        channels: Number of channels.
        planar: Whether each channel has a row of its own.
    """
    table = data.T if planar else data.reshape(-1, channels)
    if table.dtype == np.uint8:
        return ((table.astype(np.float32) - 128) / 128).astype(np.float32)
    if np.issubdtype(table.dtype, np.integer):
        scale = float(np.iinfo(table.dtype).max) + 1
        return (table.astype(np.float64) / scale).astype(np.float32)
    return np.nan_to_num(table.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
