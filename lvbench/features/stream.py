"""Feed one video's chunks to several extractors, each in blocks of its own fixed size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from lvbench.features.audio.stream import AudioExtractor, Consumer, Failure
from lvbench.features.base import Extraction, Extractor, Features
from lvbench.features.sampling import BlockSampler
from lvbench.video.frames import Frames
from lvbench.video.timing.presentation import Presentation, Presenter


class FeatureStream:
    """Cut a stream of chunks into blocks and pass on each block's features.

    The blocks depend on the extractor's spec alone, never on the decoder's chunks, so features
    do not depend on how the video was read.

    Args:
        extractors: Extractors by registry name.
        fps: Frame rate of the file, for extractors that read frames as they are coded.
        consume: Called with the extractor's name and the features of one block.
        failed: Called when an extractor raises, which then gets no more of this video; without
            it the error is raised.
        prompts: Texts of the video's prompt schedule.
        presentation: Which frames are distinct pictures, and when each is shown; extractors get
            those alone, except where the spec states `coded`. None to give all frames to all.
    """

    def __init__(
        self,
        extractors: Mapping[str, Extractor],
        fps: float | None,
        consume: Consumer,
        failed: Failure | None = None,
        prompts: Sequence[str] = (),
        presentation: Presentation | None = None,
    ) -> None:
        self._present = None if presentation is None else Presenter(presentation)
        rate = fps if presentation is None else presentation.rate or fps
        self._groups: dict[Any, _Group] = {}
        for name, extractor in extractors.items():
            if isinstance(extractor, AudioExtractor):
                continue  # an AudioStream feeds it
            group = self._groups.setdefault(_blocks(extractor), _Group(extractor))
            group.extract[name] = extractor.start(fps if group.coded else rate, prompts)
        self._consume = consume
        self._failed = failed

    def push(self, frames: Frames) -> None:
        """Take the next chunk of the video."""
        pictures = frames if self._present is None else self._present(frames)
        for group in self._groups.values():
            self._push(group, frames if group.coded else pictures)

    def _push(self, group: _Group, frames: Frames) -> None:
        self._run(group, lambda sampler: sampler.push(frames))

    def finish(self) -> None:
        """Pass on the features of the last blocks, and those at the end of the video."""
        for group in self._groups.values():
            self._run(group, lambda sampler: sampler.finish())
            for name, extract in list(group.extract.items()):
                if isinstance(extract, Extraction):
                    self._attempt(group, name, extract.finish)
        self.close()

    def close(self) -> None:
        """Release the extractors' resources, also half way through a video."""
        for group in self._groups.values():
            for extract in group.extract.values():
                if isinstance(extract, Extraction):
                    extract.close()

    def _run(self, group: _Group, blocks: Callable[[BlockSampler], Iterator[Frames]]) -> None:
        """Extract from a group's blocks; an error in making them fails every extractor of it."""
        if not group.extract:
            return
        try:
            for block in blocks(group.sampler):
                self._extract(group, block)
        except Exception as error:
            if self._failed is None:
                raise
            for name in list(group.extract):
                self._fail(group, name, error)

    def _extract(self, group: _Group, block: Frames) -> None:
        for name, extract in list(group.extract.items()):
            self._attempt(group, name, partial(extract, block))

    def _attempt(self, group: _Group, name: str, step: Callable[[], Features]) -> None:
        try:
            features = step()
        except Exception as error:
            if self._failed is None:
                raise
            self._fail(group, name, error)
        else:
            self._consume(name, features)

    def _fail(self, group: _Group, name: str, error: Exception) -> None:
        extract = group.extract.pop(name)
        if isinstance(extract, Extraction):
            extract.close()
        assert self._failed is not None
        self._failed(name, error)


class _Group:
    """Extractors that read the same blocks."""

    def __init__(self, extractor: Extractor) -> None:
        self.coded = extractor.spec.coded or extractor.spec.products.reference
        self.sampler = BlockSampler(extractor.spec, extractor.prepare)
        self.extract: dict[str, Callable[[Frames], Features]] = {}


def _blocks(extractor: Extractor) -> Any:
    """Return the description of a block: extractors with the same one share blocks."""
    if type(extractor).prepare is not Extractor.prepare:
        return id(extractor)
    spec = extractor.spec
    return spec.products, spec.sampling, spec.rate, spec.windows, spec.batch, spec.coded
