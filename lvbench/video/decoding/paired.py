"""Read a video and its paired reference in lockstep, frame by frame in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import PairError
from lvbench.video.decoding.decode import PresentedReader, VideoReader
from lvbench.video.frames import Frames
from lvbench.video.info import VideoInfo

# Rates further apart than this share are not paired at all; containers that stamp in
# milliseconds are off by less than the second.
_OTHER_RATE, _SAME_RATE = 0.01, 5e-4
_FALLBACK_INTERVAL = 1 / 25  # seconds


@dataclass(frozen=True, slots=True)
class Pairing:
    """Describe how two videos were paired.

    Attributes:
        pairs: Frames of the video with a frame of the reference at their time.
        frames: Frames of the video.
        reference_frames: Frames of the reference.
        flags: Differences that leave the numbers valid: `depth_differs`, `chroma_differs`,
            `colour_differs`, `rate_differs`, `count_differs`.
        problem: Why the numbers are invalid; None where they are valid.
    """

    pairs: int
    frames: int
    reference_frames: int
    flags: tuple[str, ...]
    problem: PairError | None


class PairedReader:
    """Yield a video's chunks, once, each with the reference's frames of the same times.

    A frame is paired with the reference's frame nearest in time, at most half of the smaller
    frame interval away; both videos begin at 0. Frames without a partner come in chunks of
    their own, whose `reference` is None. Nothing is resized, resampled or repeated.

    Args:
        video: The video to evaluate.
        reference: The real video.
        partial: Keep the numbers of frames with a partner where others have none; they are
            flagged.
    """

    def __init__(
        self,
        video: VideoReader | PresentedReader,
        reference: VideoReader | PresentedReader,
        *,
        partial: bool = False,
    ) -> None:
        self.info, self.reference_info = video.info, reference.info
        self._video, self._reference, self._partial = video, reference, partial
        self._refusal = _refusal(video.info, reference.info, partial)
        intervals = [1 / i.fps for i in (video.info, reference.info) if i.fps]
        self._tolerance = min(intervals, default=_FALLBACK_INTERVAL) / 2
        self._pairs = self._frames = self._reference_frames = 0

    def __iter__(self) -> Iterator[Frames]:
        if self._refusal is not None:
            yield from self._video
            return
        real = _Side(iter(self._reference))
        for chunk in self._video:
            self._frames += len(chunk)
            yield from self._paired(chunk, real)
        while real.fill():
            real.drop(len(real.times))
        self._reference_frames = real.seen

    def _paired(self, chunk: Frames, real: _Side) -> Iterator[Frames]:
        at = 0
        while at < len(chunk):
            if not real.fill():
                yield chunk.take(slice(at, None))
                return
            ours, theirs = chunk.pts[at:], real.times
            run = self._run(ours, theirs)
            if run:
                self._pairs += run
                yield replace(chunk.take(slice(at, at + run)), reference=real.drop(run))
                at += run
            elif ours[0] < theirs[0]:
                alone = int(np.searchsorted(ours, theirs[0] - self._tolerance))
                yield chunk.take(slice(at, at + max(1, alone)))
                at += max(1, alone)
            else:
                real.drop(max(1, int(np.searchsorted(theirs, ours[0] - self._tolerance))))

    def _run(self, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> int:
        """Return how many of the next frames pair up."""
        length = min(len(ours), len(theirs))
        apart = np.abs(ours[:length] - theirs[:length]) > self._tolerance
        return int(np.argmax(apart)) if apart.any() else length

    def pairing(self) -> Pairing:
        """Return the pairing, once all chunks are read."""
        problem, flags = self._refusal, list(_flags(self.info, self.reference_info))
        if problem is None:
            problem = self._damage()
        if problem is None and not self._pairs == self._frames == self._reference_frames:
            code, found = self._unpaired()
            flags += [] if code in flags else [code]
            problem = None if self._partial and self._pairs else _error(self, code, found)
        return Pairing(self._pairs, self._frames, self._reference_frames, tuple(flags), problem)

    def _damage(self) -> PairError | None:
        outcome = self._reference.outcome
        if outcome.status == "ok":
            return None
        found = f"the reference is {outcome.status}: {outcome.detail}"
        return _error(self, f"reference_{outcome.status}", found)

    def _unpaired(self) -> tuple[str, str]:
        code = "rate_differs" if _rates_apart(self.info, self.reference_info) else "count_differs"
        pairs = "1 pair" if self._pairs == 1 else f"{self._pairs} pairs"
        return code, (
            f"{pairs} of frames at the same times; the video has {self._frames}, its reference "
            f"{self._reference_frames}"
        )


class _Side:
    """The reference's frames that are not paired yet."""

    def __init__(self, chunks: Iterator[Frames]) -> None:
        self._chunks = chunks
        self._waiting: Frames | None = None
        self.seen = 0

    @property
    def times(self) -> NDArray[np.float64]:
        assert self._waiting is not None
        return self._waiting.pts

    def fill(self) -> bool:
        """Read the next chunk where none waits; return whether frames wait then."""
        while self._waiting is None or not len(self._waiting):
            self._waiting = next(self._chunks, None)
            if self._waiting is None:
                return False
            self.seen += len(self._waiting)
        return True

    def drop(self, count: int) -> Frames:
        """Return the first frames and remove them."""
        assert self._waiting is not None
        gone, self._waiting = (
            self._waiting.take(slice(0, count)),
            self._waiting.take(slice(count, None)),
        )
        return gone


_FIXES = {
    "size_differs": "give both the same size; the resizing filter changes the number",
    "range_differs": "write both with the same range of levels (both limited or both full)",
    "transfer_differs": "write both with the same transfer curve; a tone map changes the number",
    "rate_differs": "give both the same frame rate, or compare the frames that pair (--partial)",
    "count_differs": "cut both to the same frames, or compare the frames that pair (--partial)",
}


def _refusal(video: VideoInfo, real: VideoInfo, partial: bool) -> PairError | None:
    """Return what forbids a comparison, whatever the content of the frames."""
    if (video.width, video.height) != (real.width, real.height):
        found = f"{video.width}x{video.height}, the reference {real.width}x{real.height}"
        return _between(video, real, "size_differs", found)
    if video.colour_range != real.colour_range:
        found = (
            f"levels in {video.colour_range} range, the reference's in {real.colour_range} range"
        )
        return _between(video, real, "range_differs", found)
    if _curve(video) != _curve(real):
        found = f"{_curve(video)}, the reference {_curve(real)}: levels of another meaning"
        return _between(video, real, "transfer_differs", found)
    if not partial and _rates_apart(video, real, _OTHER_RATE):
        found = f"{video.fps:g} frames per second, the reference {real.fps:g}"
        return _between(video, real, "rate_differs", found)
    return None


def _rates_apart(video: VideoInfo, real: VideoInfo, share: float = _SAME_RATE) -> bool:
    if not video.fps or not real.fps:
        return False
    return abs(video.fps - real.fps) > share * max(video.fps, real.fps)


def _flags(video: VideoInfo, real: VideoInfo) -> Iterator[str]:
    if video.bit_depth != real.bit_depth:
        yield "depth_differs"
    if _chroma(video) != _chroma(real):
        yield "chroma_differs"
    if video.colour_space != real.colour_space:
        yield "colour_differs"
    if _rates_apart(video, real):
        yield "rate_differs"


def _chroma(info: VideoInfo) -> str:
    """Return the layout of chroma in the pixel format's name."""
    name = info.pixel_format
    return next((kind for kind in ("420", "422", "444", "411", "410", "440") if kind in name), name)


def _curve(info: VideoInfo) -> str:
    # Untagged means an ordinary curve: only high dynamic range is another one.
    curve = info.colour_transfer or ""
    return f"HDR ({curve})" if curve in ("pq", "hlg") else "SDR"


def _error(reader: PairedReader, code: str, found: str) -> PairError:
    return _between(reader.info, reader.reference_info, code, found)


def _between(video: VideoInfo, real: VideoInfo, code: str, found: str) -> PairError:
    return PairError(
        "compare the video with its reference",
        found=found,
        where=f"{video.path} and {real.path}",
        fix=_FIXES.get(code, "replace the reference, then run again"),
        code=code,
    )
