"""Pass a video's audio to the extractors that read it, in step with its pictures."""

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
    """Read the audio up to the time of the pictures, so that neither waits in memory.

    Without an extractor of audio no file is opened. An error of the audio goes to the extractors
    of audio alone: the metrics of pictures go on. Use it as a context manager.

    Only audio from the start of the first picture to the end of the last is passed on.

    Args:
        info: The video.
        stream: The extractors of audio.
    """

    def __init__(self, info: VideoInfo, stream: AudioStream) -> None:
        self._stream = stream
        self._opened = ExitStack()
        self._reader: AudioReader | None = None
        self._sounds: Iterator[AudioBlock] = iter(())
        self._next: AudioBlock | None = None
        if not stream.listens:
            return
        try:
            if not info.has_audio:
                raise audio_error("no_audio", info.path, "no sound track")
            self._reader = self._opened.enter_context(AudioReader(Path(info.path), info.start))
        except VideoDecodeError as error:
            stream.fail(error)
            return
        self._sounds = iter(self._reader)

    def until(self, seconds: float) -> None:
        """Pass on all audio that begins before a picture's time."""
        while (audio := self._peek()) is not None and audio.t0 <= seconds:
            self._pass_on(audio)

    def finish(self, end: float) -> float:
        """Pass on the rest, and report an error of the audio.

        Args:
            end: End of the last picture in seconds.

        Returns:
            Seconds of audio after that; 0 if they are half a second or less.
        """
        last = end
        while (audio := self._peek()) is not None:
            last = audio.t0 + len(audio) / audio.rate
            self._pass_on(audio, end)
        self._check()
        return last - end if last - end > _LONGER_SECONDS else 0.0

    def _pass_on(self, audio: AudioBlock, end: float = float("inf")) -> None:
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
        self._opened.close()

    def _peek(self) -> AudioBlock | None:
        if self._next is None:
            self._next = next(self._sounds, None)
        return self._next
