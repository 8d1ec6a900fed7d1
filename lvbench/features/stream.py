"""Feed one video's chunks to several extractors, each in blocks of its own fixed size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lvbench.features.base import Extractor, Features, Sampling
from lvbench.video.frames import Frames, Products, concatenate

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
        self._samplers: dict[_Blocks, _BlockSampler] = {}
        for name, extractor in extractors.items():
            blocks = _Blocks(extractor.spec.products, extractor.spec.sampling, extractor.spec.batch)
            sampler = self._samplers.setdefault(blocks, _BlockSampler(blocks))
            sampler.extractors[name] = extractor.start(fps)
        self._consume = consume
        self._failed = failed

    def push(self, frames: Frames) -> None:
        """Take the next chunk of the video."""
        for sampler in self._samplers.values():
            for block in sampler.push(frames):
                self._extract(sampler, block)

    def finish(self) -> None:
        """Hand on what is left in blocks that did not fill."""
        for sampler in self._samplers.values():
            for block in sampler.finish():
                self._extract(sampler, block)

    def _extract(self, sampler: _BlockSampler, block: Frames) -> None:
        for name, extract in list(sampler.extractors.items()):
            try:
                features = extract(block)
            except Exception as error:
                if self._failed is None:
                    raise
                del sampler.extractors[name]
                self._failed(name, error)
            else:
                self._consume(name, features)


@dataclass(frozen=True, slots=True)
class _Blocks:
    """What a block holds: extractors that agree on it share one."""

    products: Products
    sampling: Sampling
    batch: int


class _BlockSampler:
    """Collect frames until a block is full; a block of pairs starts with the last one's end."""

    def __init__(self, blocks: _Blocks) -> None:
        self.extractors: dict[str, Callable[[Frames], Features]] = {}
        self._products = blocks.products
        self._overlap = 1 if blocks.sampling == "pairs" else 0
        self._size = blocks.batch + self._overlap
        self._waiting: list[Frames] = []
        self._count = 0

    def push(self, frames: Frames) -> Iterator[Frames]:
        self._waiting.append(frames.only(self._products))
        self._count += len(frames)
        if self._count < self._size:
            return
        joined = concatenate(self._waiting)
        start = 0
        while self._count - start >= self._size:
            yield joined.take(slice(start, start + self._size))
            start += self._size - self._overlap
        rest = joined.take(slice(start, None))
        self._waiting, self._count = [rest], len(rest)

    def finish(self) -> Iterator[Frames]:
        if self._count > self._overlap:
            yield concatenate(self._waiting)
        self._waiting, self._count = [], 0
