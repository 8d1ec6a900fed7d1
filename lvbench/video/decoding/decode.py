"""Read a video as a stream of chunks, with any decoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.video.containers.raw_format import RawFormat
from lvbench.video.decoding.images import is_animated
from lvbench.video.decoding.opening import read_head
from lvbench.video.decoding.picture import FrameSource, Picture
from lvbench.video.frames import Frames, Planes, Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome
from lvbench.video.problems import reading
from lvbench.video.timing.presentation import (
    PRESENTATION_ID,
    Presentation,
    Presenter,
    Survey,
)

# Names the conversion from coded frame to pixels, and from coded frames to distinct pictures. It is
# part of a result's identity, so it changes whenever a pixel or a time may.
DECODER_ID = f"pyav-luma-lut+swscale-bilinear-bitexact/1+{PRESENTATION_ID}"

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
    raw: RawFormat | None = None,
) -> VideoReader:
    """Open a video file or a folder of images for one pass.

    Args:
        path: A video file, or a folder with an image sequence.
        products: The pictures to make of every frame.
        fps: Rate in Hz of an image sequence (24 if None); files carry their own times.
        backend: "pyav", or "decord" for a cross-check on plain h264 (products: rgb only).
        threads: Decoder threads; more than one pays off only for a single video.
        chunk_bytes: Upper bound of a chunk's memory; a chunk has at least one frame and at
            most 16. It changes no pixel and no time.
        raw: Format of the file, if it is raw planar YUV, which has no header.

    Returns:
        A reader to iterate over once, best in a `with` block.

    Raises:
        VideoDecodeError: With a stable code, if no frame can be decoded (see `probe`).
        MissingDependencyError: If decord is requested and not installed.
        UsageError: If there is no such backend, or it cannot make these products.

    Examples:
        >>> from lvbench.video.decoding.decode import open_video
        >>> from lvbench.video.frames import Products
        >>> with open_video("clips/a.mp4", Products(rgb=True)) as reader:
        ...     shapes = [chunk.rgb.shape for chunk in reader]
        >>> shapes[0]
        (16, 64, 96, 3)
    """
    source = _source(Path(path), products, fps, backend, threads, raw)
    return VideoReader(source, products, chunk_bytes)


def probe(path: str | Path, *, fps: float | None = None) -> VideoInfo:
    """Return what the container and the first frame state about the video.

    Args:
        path: A video file, or a folder with an image sequence.
        fps: Rate in Hz of an image sequence; files carry their own times.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `file_empty`, `not_a_video`,
            `no_video_stream`, `no_frames`, `too_large`, `unreadable`.

    Examples:
        >>> from lvbench.video.decoding.decode import probe
        >>> info = probe("clips/a.mp4")
        >>> info.width, info.height, info.fps
        (96, 64, 8.0)
    """
    with open_video(path, Products(), fps=fps) as reader:
        return reader.info


def _source(
    path: Path,
    products: Products,
    fps: float | None,
    backend: str,
    threads: int,
    raw: RawFormat | None,
) -> FrameSource:
    if backend not in BACKENDS:
        raise UsageError(
            "open the video",
            found=f"no decoder named {backend!r}",
            where="backend",
            fix=f"use one of {', '.join(BACKENDS)}",
        )
    if path.is_dir() and raw is None:
        from lvbench.video.decoding.image_sequence import ImageSequenceSource

        return ImageSequenceSource(path, products, fps)
    if backend == "decord" and raw is None:
        from lvbench.video.decoding.decord_source import DecordSource

        # decord knows neither tags nor ranges, so PyAV describes the file.
        return DecordSource(probe(path), path, products, threads)
    if raw is None and _is_animated(path):
        from lvbench.video.decoding.animated_source import AnimatedSource

        return AnimatedSource(path, products)
    from lvbench.video.decoding.pyav_source import PyavSource

    return PyavSource(path, products, threads, raw)


def _is_animated(path: Path) -> bool:
    if read_head(path).startswith(b"GIF8"):  # FFmpeg reads these well
        return False
    with reading(path):
        return is_animated(path)


class VideoReader:
    """Yield a video's frames in chunks, once; then give the outcome.

    Attributes:
        info: What the container and the first frame state.
    """

    def __init__(self, source: FrameSource, products: Products, chunk_bytes: int) -> None:
        self._source = source
        self._products = products
        self._chunk_bytes = chunk_bytes
        self._outcome: DecodeOutcome | None = None
        self.info: VideoInfo = source.info

    @property
    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding; there is none before the last chunk was read."""
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
        """Close the file and the decoder; harmless when called again."""
        self._source.close()

    def _chunk_length(self, picture: Picture) -> int:
        arrays = (picture.luma, picture.small, picture.rgb, picture.planes)
        per_frame = sum(a.nbytes for a in arrays if a is not None)
        return max(1, min(CHUNK_FRAMES, self._chunk_bytes // max(1, per_frame)))


def _stack(first: Picture, rest: Iterator[Picture], length: int) -> Frames:
    """Copy up to `length` pictures into fresh arrays, which the caller may keep."""
    buffers = [_buffer(array, length) for array in _arrays(first)]
    times = np.empty(length)
    count = 0
    for count, picture in enumerate(chain((first,), rest), start=1):
        for buffer, pixels in zip(buffers, _arrays(picture), strict=True):
            if buffer is not None and pixels is not None:
                buffer[count - 1] = pixels
        times[count - 1] = picture.time
    luma, small, rgb, y, u, v = buffers
    planes = None
    if first.planes is not None and y is not None:
        planes = Planes(y, u, v, first.planes.bits)
    return Frames(times, luma, small, rgb, planes=planes).take(slice(0, count))


def _arrays(picture: Picture) -> tuple[NDArray[Any] | None, ...]:
    planes = picture.planes
    coded = (None, None, None) if planes is None else (planes.y, planes.u, planes.v)
    return picture.luma, picture.small, picture.rgb, *coded


def _buffer(pixels: NDArray[Any] | None, length: int) -> NDArray[Any] | None:
    return None if pixels is None else np.empty((length, *pixels.shape), dtype=pixels.dtype)


class PresentedReader:
    """Yield the distinct pictures of a video in chunks, once, at their own times.

    Args:
        reader: The video.
        presentation: Its distinct pictures and their times.

    Attributes:
        info: What the container states, with the usual number of pictures per second as its rate.
    """

    def __init__(self, reader: VideoReader, presentation: Presentation) -> None:
        self._reader, self._presentation = reader, presentation
        self.info = replace(reader.info, fps=presentation.rate_near(reader.info.fps))

    @property
    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding; there is none before the last chunk was read."""
        return self._reader.outcome

    def __iter__(self) -> Iterator[Frames]:
        present = Presenter(self._presentation)
        for chunk in self._reader:
            pictures = present(chunk)
            if len(pictures):
                yield pictures


def presentation_of(reader: VideoReader, max_frames: int | None = None) -> Presentation:
    """Return the presentation of a video, by a pass over the luma of all its frames.

    Args:
        reader: The video, opened for luma.
        max_frames: Stop after the chunk that reaches this number of frames.
    """
    seen = Survey()
    for chunk in reader:
        seen.add(chunk)
        if max_frames is not None and seen.frames >= max_frames:
            return seen.presentation(float(chunk.pts[-1]))
    return seen.presentation(reader.outcome.duration)
