"""Feed one video's chunks to several extractors, each in blocks of its own fixed size."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lvbench.features.base import Extractor, Features
from lvbench.video.frames import Frames, concatenate

Consumer = Callable[[str, Features], None]
Failure = Callable[[str, Exception], None]


class FeatureStream:
    """Cut a stream of chunks into blocks and hand each block's features on.

    The blocks depend on the extractor's spec alone, never on the decoder's chunks, so features
    do not depend on how the video was read.

    Args:
        extractors: Extractors by registry name.
        fps: Declared frame rate, for detectors that count in frames.
        consume: Called with the extractor's name and the features of one block.
        failed: Called when an extractor raises, which then sees no more of this video; without
            it the error passes through.
    """

    def __init__(
        self,
        extractors: Mapping[str, Extractor],
        fps: float | None,
        consume: Consumer,
        failed: Failure | None = None,
    ) -> None:
        self._samplers = {
            name: _BlockSampler(name, extractor, fps, consume)
            for name, extractor in extractors.items()
        }
        self._failed = failed

    def push(self, frames: Frames) -> None:
        """Take the next chunk of the video."""
        self._each(lambda sampler: sampler.push(frames))

    def finish(self) -> None:
        """Hand on what is left in blocks that did not fill."""
        self._each(lambda sampler: sampler.finish())

    def _each(self, step: Callable[[_BlockSampler], None]) -> None:
        for name, sampler in list(self._samplers.items()):
            try:
                step(sampler)
            except Exception as error:
                if self._failed is None:
                    raise
                del self._samplers[name]
                self._failed(name, error)


class _BlockSampler:
    """Collect frames until one extractor's block is full."""

    def __init__(
        self, name: str, extractor: Extractor, fps: float | None, consume: Consumer
    ) -> None:
        self._name = name
        self._extract = extractor.start(fps)
        self._overlap = 1 if extractor.spec.sampling == "pairs" else 0
        self._size = extractor.spec.batch + self._overlap
        self._consume = consume
        self._waiting: list[Frames] = []
        self._count = 0

    def push(self, frames: Frames) -> None:
        self._waiting.append(frames)
        self._count += len(frames)
        if self._count < self._size:
            return
        block = concatenate(self._waiting)
        start = 0
        while self._count - start >= self._size:
            self._emit(block.take(slice(start, start + self._size)))
            start += self._size - self._overlap
        rest = block.take(slice(start, None))
        self._waiting, self._count = [rest], len(rest)

    def finish(self) -> None:
        if self._count > self._overlap:
            self._emit(concatenate(self._waiting))
        self._waiting, self._count = [], 0

    def _emit(self, block: Frames) -> None:
        self._consume(self._name, self._extract(block))
