"""The contract of an audio extractor: chunks of audio in, features out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, Features
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.frames import Frames

Consumer = Callable[[str, Features], None]
Failure = Callable[[str, Exception], None]


class AudioAnalysis(ABC):
    """The analysis of one video's audio by one extractor; it may keep state."""

    @abstractmethod
    def push(self, audio: AudioBlock) -> Iterator[Features]:
        """Take the next chunk; yield features, on a time base of the extractor's own."""

    @abstractmethod
    def finish(self) -> Iterator[Features]:
        """Yield the remaining features at the end of the audio."""


class WindowAnalysis(AudioAnalysis):
    """An analysis of one stream of windows; a subclass sets `_windows` and defines `_features`."""

    _windows: AudioWindows
    _t0: float | None = None
    _done: int = 0

    def push(self, audio: AudioBlock) -> Iterator[Features]:
        """Take the next chunk; yield the features of the blocks that it fills."""
        if self._t0 is None:
            self._t0 = audio.t0
        for block in self._windows.push(audio.samples):
            yield self._features(block)

    def finish(self) -> Iterator[Features]:
        """Yield the features of the last block."""
        for block in self._windows.finish():
            yield self._features(block)

    @abstractmethod
    def _features(self, block: NDArray[np.float32]) -> Features:
        """Return the features of a block of windows, `(block, n, channels)`."""


class AudioExtractor(Extractor):
    """Turn audio into features, which must not depend on how the audio was cut into chunks.

    Its spec requests no pictures. It emits nothing for a video whose audio cannot be read: that
    video's metrics get the reason instead (`no_audio`, `audio_damaged`).
    """

    @abstractmethod
    def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
        """Return the analysis of one video.

        Args:
            rate: Samples per second.
            channels: Name of each channel, as in `AudioBlock`.
        """

    def __call__(self, frames: Frames) -> Arrays:
        """Refuse: this extractor reads no pictures."""
        raise TypeError(f"{self.spec.name} reads audio, not pictures")


class AudioStream:
    """Feed one video's audio to its audio extractors.

    Args:
        extractors: Extractors by registry name; others than `AudioExtractor` are ignored.
        consume: Called with the extractor's name and its next features.
        failed: Called when an extractor raises, which then gets no more of this video; without
            it the error is raised.
    """

    def __init__(
        self,
        extractors: Mapping[str, Extractor],
        consume: Consumer,
        failed: Failure | None = None,
    ) -> None:
        self._idle = {k: e for k, e in extractors.items() if isinstance(e, AudioExtractor)}
        self._running: dict[str, AudioAnalysis] = {}
        self._consume, self._failed = consume, failed

    @property
    def listens(self) -> bool:
        """Return whether any extractor reads audio."""
        return bool(self._idle or self._running)

    def push(self, audio: AudioBlock) -> None:
        """Take the next chunk of the video's audio."""
        for name in list(self._idle):
            self._running[name] = self._idle.pop(name).start_audio(audio.rate, audio.channels)
        self._run(lambda analysis: analysis.push(audio))

    def finish(self) -> None:
        """Pass on the remaining features."""
        self._run(lambda analysis: analysis.finish())

    def fail(self, error: Exception) -> None:
        """Report to every extractor's readers why the audio is missing or damaged."""
        for name in [*self._idle, *self._running]:
            if self._failed is None:
                raise error
            self._failed(name, error)
        self._idle, self._running = {}, {}

    def _run(self, features: Callable[[AudioAnalysis], Iterator[Features]]) -> None:
        for name, analysis in list(self._running.items()):
            try:
                for found in features(analysis):
                    self._consume(name, found)
            except Exception as error:
                if self._failed is None:
                    raise
                del self._running[name]
                self._failed(name, error)


class AudioWindows:
    """Cut a stream of samples into overlapping windows, in blocks of a fixed number.

    Window `k` has the samples `[k * hop - before, (k + 1) * hop + after)`, zeros where there
    are none. An incomplete hop at the end is left out. The blocks do not depend on the chunks, so
    features do not either.

    Args:
        hop: Samples from one window to the next.
        before: Samples of a window before its hop.
        after: Samples of a window after its hop.
        block: Windows in a block; the last has fewer.
    """

    def __init__(self, hop: int, before: int = 0, after: int = 0, block: int = 50) -> None:
        self._hop, self._before, self._after, self._block = hop, before, after, block
        self._waiting: list[NDArray[np.float32]] = []
        self._count = 0

    def push(self, samples: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """Take `(n, channels)`; yield `(block, before + hop + after, channels)`."""
        if not self._waiting:
            self._add(np.zeros((self._before, samples.shape[1]), np.float32))
        self._add(samples)
        step = self._block * self._hop
        needed = step + self._before + self._after
        if self._count < needed:
            return
        joined = np.concatenate(self._waiting)
        start = 0
        while len(joined) - start >= needed:
            yield self._windows(joined[start : start + needed])
            start += step
        self._waiting, self._count = [joined[start:]], len(joined) - start

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """Yield the last block."""
        if not self._waiting:
            return
        joined = np.concatenate(self._waiting)
        hops = (len(joined) - self._before) // self._hop
        silence = np.zeros((self._after, joined.shape[1]), np.float32)
        if hops > 0:
            yield from self._rest(np.concatenate([joined, silence]), hops)

    def _rest(self, joined: NDArray[np.float32], hops: int) -> Iterator[NDArray[np.float32]]:
        while hops > 0:
            count = min(hops, self._block)
            yield self._windows(joined[: count * self._hop + self._before + self._after])
            joined, hops = joined[count * self._hop :], hops - count

    def _add(self, samples: NDArray[np.float32]) -> None:
        self._waiting.append(samples)
        self._count += len(samples)

    def _windows(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        length = self._before + self._hop + self._after
        view = np.lib.stride_tricks.sliding_window_view(samples, length, axis=0)
        return np.ascontiguousarray(view[:: self._hop].transpose(0, 2, 1))
