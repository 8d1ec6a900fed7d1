"""Read a video as a stream of chunks, whatever decoder does the work."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.video.frames import Frames, Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome
from lvbench.video.picture import Picture, Source

# Names the recipe from coded frame to pixels. It is part of a result's identity, so it changes
# whenever a pixel may.
DECODER_ID = "pyav-luma-lut+swscale-bilinear-bitexact/1"

CHUNK_FRAMES = 16
# Small enough for a chunk to stay in the cache between the decoder and the extractors.
CHUNK_BYTES = 16 * 1024 * 1024
BACKENDS = ("pyav", "decord")


def open_video(
    path: str | Path,
    products: Products,
    *,
    fps: float | None = None,
    backend: str = "pyav",
    threads: int = 1,
    chunk_bytes: int = CHUNK_BYTES,
) -> VideoReader:
    """Open a video file or a folder of images for one pass.

    Args:
        path: A video file, or a folder that holds an image sequence.
        products: The pictures wanted of every frame.
        fps: Rate in Hz of an image sequence (24 if None); files carry their own times.
        backend: "pyav", or "decord" for a cross-check on plain h264 (products: rgb only).
        threads: Decoder threads; more than one pays off only for a single video.
        chunk_bytes: Upper bound of a chunk's memory; a chunk holds at least one frame and at
            most 16. It moves no pixel and no time.

    Returns:
        A reader to iterate over once, best in a `with` block.

    Raises:
        VideoDecodeError: With a stable code, if not one frame can be had (see `probe`).
        MissingDependencyError: If decord is asked for and not installed.
        UsageError: If there is no such backend, or it cannot make these products.
    """
    source = _source(Path(path), products, fps, backend, threads)
    return VideoReader(source, products, chunk_bytes)


def _source(
    path: Path, products: Products, fps: float | None, backend: str, threads: int
) -> Source:
    if backend not in BACKENDS:
        raise UsageError(
            "open the video",
            found=f"no decoder of the name {backend!r}",
            where="backend",
            mend=f"use one of {', '.join(BACKENDS)}",
        )
    if path.is_dir():
        from lvbench.video.image_sequence import ImageSequenceSource

        return ImageSequenceSource(path, products, fps)
    if backend == "decord":
        from lvbench.video.decord_source import DecordSource

        return DecordSource(path, products, threads)
    from lvbench.video.pyav_source import PyavSource

    return PyavSource(path, products, threads)


class VideoReader:
    """Yield a video's frames in chunks, once; then say how it went.

    Attributes:
        info: What the container and the first frame say.
    """

    def __init__(self, source: Source, products: Products, chunk_bytes: int) -> None:
        self._source = source
        self._products = products
        self._chunk_bytes = chunk_bytes
        self._outcome: DecodeOutcome | None = None
        self.info: VideoInfo = source.info

    @property
    def outcome(self) -> DecodeOutcome:
        """Return how decoding went; there is none before the last chunk was read."""
        if self._outcome is None:
            raise RuntimeError("the outcome of a video is known once all its chunks are read")
        return self._outcome

    def __iter__(self) -> Iterator[Frames]:
        pictures = self._source.pictures()
        for first in pictures:
            length = self._chunk_length(first)
            yield _stack(first, islice(pictures, length - 1), length)
        self._outcome = self._source.outcome()

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file and the decoder back; harmless when called again."""
        self._source.close()

    def _chunk_length(self, picture: Picture) -> int:
        arrays = (picture.luma, picture.small, picture.rgb)
        per_frame = sum(a.nbytes for a in arrays if a is not None)
        return max(1, min(CHUNK_FRAMES, self._chunk_bytes // max(1, per_frame)))


def _stack(first: Picture, rest: Iterator[Picture], length: int) -> Frames:
    """Copy up to `length` pictures into fresh arrays, which the caller may keep."""
    luma, small, rgb = (_room(a, length) for a in (first.luma, first.small, first.rgb))
    times = np.empty(length)
    count = 0
    for count, picture in enumerate(chain((first,), rest), start=1):
        for room, pixels in ((luma, picture.luma), (small, picture.small), (rgb, picture.rgb)):
            if room is not None and pixels is not None:
                room[count - 1] = pixels
        times[count - 1] = picture.time
    return Frames(times, luma, small, rgb).take(slice(0, count))


def _room(pixels: NDArray[np.uint8] | None, length: int) -> NDArray[np.uint8] | None:
    return None if pixels is None else np.empty((length, *pixels.shape), dtype=np.uint8)
