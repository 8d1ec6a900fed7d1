"""Hand a video's sound to those who listen, in step with its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from lvbench.errors import VideoDecodeError
from lvbench.features.audio.stream import AudioStream
from lvbench.video.audio.decode import AudioReader
from lvbench.video.audio.samples import AudioBlock, audio_error, between
from lvbench.video.info import VideoInfo

_LONGER_SECONDS = 0.5  # codecs pad the end by some hundredths


class AudioFeed:
    """Read the sound up to the time of the pictures, so that neither waits in memory.

    Where nobody listens no file is opened. What is wrong with the sound is told to those who
    listen and to nobody else: the pictures' metrics go on. Use it as a context manager.

    Only sound from the beginning of the first picture to the end of the last is handed on: what is
    outside belongs to no picture.

    Args:
        info: The video.
        stream: Those who listen.
    """

    def __init__(self, info: VideoInfo, stream: AudioStream) -> None:
        self._stream = stream
        self._held = ExitStack()
        self._reader: AudioReader | None = None
        self._sounds: Iterator[AudioBlock] = iter(())
        self._next: AudioBlock | None = None
        if not stream.listens:
            return
        try:
            if not info.has_audio:
                raise audio_error("no_audio", info.path, "no sound track")
            self._reader = self._held.enter_context(AudioReader(Path(info.path), info.start))
        except VideoDecodeError as error:
            stream.fail(error)
            return
        self._sounds = iter(self._reader)

    def until(self, seconds: float) -> None:
        """Hand on all sound that begins before a picture's time."""
        while (audio := self._peek()) is not None and audio.t0 <= seconds:
            self._hand_on(audio)

    def finish(self, end: float) -> float:
        """Hand on the rest, and say if it cannot be trusted.

        Args:
            end: Where the last picture ends, in seconds.

        Returns:
            Seconds for which the sound goes on after that; 0 if it is half a second or less.
        """
        last = end
        while (audio := self._peek()) is not None:
            last = audio.t0 + len(audio) / audio.rate
            self._hand_on(audio, end)
        self._check()
        return last - end if last - end > _LONGER_SECONDS else 0.0

    def _hand_on(self, audio: AudioBlock, end: float = float("inf")) -> None:
        inside = between(audio, 0.0, end)
        if len(inside):
            self._stream.push(inside)
        self._next = None

    def _check(self) -> None:
        if self._reader is None:
            return
        try:
            self._reader.check()
        except VideoDecodeError as error:
            self._stream.fail(error)
        else:
            self._stream.finish()

    def __enter__(self) -> AudioFeed:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()

    def _peek(self) -> AudioBlock | None:
        if self._next is None:
            self._next = next(self._sounds, None)
        return self._next
