"""Open the paired original of a video and report mismatches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import LvbenchError, VideoDecodeError
from lvbench.results.schema import ItemScore
from lvbench.video.containers.raw_format import parse_raw
from lvbench.video.decoding.decode import PresentedReader, VideoReader, open_video, presentation_of
from lvbench.video.decoding.paired import PairedReader, Pairing
from lvbench.video.file_hash import Beat, FileWatch
from lvbench.video.frames import Products
from lvbench.video.timing.presentation import Presentation

NO_REFERENCE = ItemScore(
    status="not_applicable",
    code="no_reference",
    detail="the manifest names no original ('reference') for this video",
)


class PairedOriginal:
    """The original of a task's video, if a metric reads it.

    Use it as a context manager.

    Args:
        task: The video.
        tools: Metrics and extractors.
        beat: Called while the original is hashed, as a sign of life.

    Attributes:
        sha256: Checksum of the original; None where none is read.
    """

    sha256: str | None = None

    def __init__(self, task: VideoTask, tools: Tools, beat: Beat) -> None:
        self._task, self._tools, self._beat = task, tools, beat
        paired = tools.paired
        self._keys = [key for key, m in tools.metrics.items() if paired & set(m.needs)]
        self._opened = ExitStack()
        self._reader: PairedReader | None = None
        self._lost: ItemScore | None = None
        self._watch: FileWatch | None = None
        self._pictures: Presentation | None = None

    def __enter__(self) -> PairedOriginal:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def shows_the_same(self, pictures: Presentation) -> bool:
        """Return whether it shows as many pictures as the video in another number of frames.

        Then the two are paired by their distinct pictures, as are a film at a constant and the
        same film at a variable rate.
        """
        path = self._task.entry.reference
        if not self._keys or path is None:
            return False
        try:
            with self._open(path, Products(luma=True)) as real:
                own = presentation_of(real)
        except VideoDecodeError:
            return False  # `chunks` reports the error
        if own.coded != pictures.coded and len(own.pts) == len(pictures.pts):
            self._pictures = own
        return self._pictures is not None

    def chunks(
        self, video: VideoReader | PresentedReader
    ) -> VideoReader | PresentedReader | PairedReader:
        """Return the video's chunks, with the frames of the original where there is one."""
        path = self._task.entry.reference
        if not self._keys:
            return video
        if path is None:
            self._lost = NO_REFERENCE
            return video
        try:
            self._watch = FileWatch(path, self._beat)
            self.sha256 = self._watch.sha256
            real = self._opened.enter_context(self._open(path, self._products()))
        except VideoDecodeError as error:
            self._lost = _of_reference(error)
            return video
        shown = real if self._pictures is None else PresentedReader(real, self._pictures)
        self._reader = PairedReader(video, shown, partial=self._task.partial)
        return self._reader

    def _products(self) -> Products:
        products = Products()
        for name in self._tools.paired:
            products |= self._tools.extractors[name].spec.products
        return replace(products, reference=False)

    def _open(self, path: Path, products: Products) -> VideoReader:
        return open_video(
            path,
            products,
            fps=self._task.entry.fps,
            backend=self._tools.protocol.decoder,
            raw=parse_raw(self._task.raw) if self._task.raw else None,
        )

    def pairing(self) -> Pairing | None:
        """Return how the frames were paired, after the last chunk; None without an original."""
        return None if self._reader is None else self._reader.pairing()

    def refused(self) -> dict[str, ItemScore]:
        """Return the scores of the metrics that could not be computed, after the last chunk."""
        pairing = self.pairing()
        lost = self._lost
        if pairing is not None and pairing.problem is not None:
            lost = _failed(pairing.problem)
        changed = None if self._watch is None else self._watch.changed()
        if changed is not None:
            lost = _of_reference(changed)
        return {} if lost is None else dict.fromkeys(self._keys, lost)

    def flagged(self, scores: Mapping[str, ItemScore]) -> Iterator[tuple[str, ItemScore]]:
        """Yield the scores, those of the pair with flags for the differences of the two files."""
        pairing = self.pairing()
        for key, score in scores.items():
            if pairing is not None and pairing.flags and key in self._keys:
                score = score.model_copy(update={"flags": [*score.flags, *pairing.flags]})
            yield key, score


def _of_reference(error: VideoDecodeError) -> ItemScore:
    return ItemScore(status="failed", code=f"reference_{error.code}", detail=str(error))


def _failed(error: LvbenchError) -> ItemScore:
    return ItemScore(status="failed", code=error.code, detail=str(error))
