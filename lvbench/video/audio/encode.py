"""Write an audio track into a video file, in step with the pictures; lossless but for WebM."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.video.audio.samples import AudioBlock

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

CODEC = "flac"
"""Lossless, and played by browsers from mp4 and mkv."""
_WEBM_CODEC = "libopus"  # WebM takes no lossless audio

_LAYOUTS = {1: "mono", 2: "stereo"}


class AudioTrack:
    """Write an audio track into a file, up to the time of its pictures and no further.

    Args:
        audio: The audio from time 0 on, without a gap; all of one rate, mono or stereo.
        guard: Makes the context in which the file is written, for its errors; the audio is
            read outside of it.
    """

    def __init__(
        self, audio: Iterable[AudioBlock], guard: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._audio, self._guard = iter(audio), guard
        self._next = next(self._audio, None)
        self._samples = 0

    def begin(self, container: OutputContainer) -> None:
        """Add the track to a file before anything is written to it; none where there is no audio.

        Raises:
            ValueError: The audio is neither mono nor stereo.
        """
        from av.codec.context import Flags

        if self._next is None:
            return
        self._container = container
        self._rate, self._channels = self._next.rate, self._next.samples.shape[1]
        if self._channels not in _LAYOUTS:
            raise ValueError(f"{self._channels} channels of audio; mono and stereo are written")
        layout = _LAYOUTS[self._channels]
        codec = _WEBM_CODEC if container.format.name == "webm" else CODEC
        stream = container.add_stream(codec, rate=self._rate, layout=layout)
        self._stream = cast("AudioStream", stream)
        context = self._stream.codec_context
        context.thread_count = 1
        context.flags = int(context.flags) | Flags.bitexact.value

    def until(self, seconds: float) -> None:
        """Write all audio that begins before a picture's time."""
        while self._next is not None and self._samples <= seconds * self._rate:
            with self._guard():
                self._write(self._next)
            self._next = next(self._audio, None)

    def finish(self) -> None:
        """Write the rest."""
        self.until(float("inf"))
        if self._samples:
            with self._guard():
                self._container.mux(self._stream.encode(None))

    def _write(self, audio: AudioBlock) -> None:
        from av import AudioFrame

        if (audio.rate, audio.samples.shape[1]) != (self._rate, self._channels):
            raise ValueError("audio that changes its rate or its number of channels")
        layout = _LAYOUTS[self._channels]
        packed = as_integers(audio.samples).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._samples, Fraction(1, self._rate)
        self._container.mux(self._stream.encode(frame))
        self._samples += len(audio)


def as_integers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return samples in 16 bits, rounded and clipped at full scale."""
    scaled = np.rint(samples.astype(np.float64) * 32768)
    return np.ascontiguousarray(np.clip(scaled, -32768, 32767).astype(np.int16))


def mono(chunks: Iterable[NDArray[np.float32]], rate: int) -> Iterator[AudioBlock]:
    """Yield the audio of consecutive mono samples, each chunk `(n,)`; empty chunks are left out."""
    done = 0
    for chunk in chunks:
        if len(chunk):
            yield AudioBlock(done / rate, rate, chunk[:, None], ("FC",))
            done += len(chunk)
