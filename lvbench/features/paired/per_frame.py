"""The base of extractors that compare one frame with its partner in the real video."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import VideoDecodeError
from lvbench.features.base import Arrays, Extraction, Extractor, Features
from lvbench.video.frames import Frames, Planes


class PerFrame(Extractor):
    """Measure each frame of a pair alone, with several frames in progress at once.

    A block is one frame: larger ones would only be copied.
    """

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Extraction:
        """Return the extraction of one video."""
        return _Overlapped(self, self.threads)


class _Overlapped(Extraction):
    """Frames in a pool of threads; results come out in order."""

    def __init__(self, extractor: Extractor, threads: int) -> None:
        self._extractor, self._threads = extractor, threads
        self._waiting: deque[tuple[NDArray[np.float64], Future[Arrays]]] = deque()

    def __call__(self, frames: Frames) -> Features:
        """Take the next frame; return finished ones, in order; maybe none."""
        if self._threads < 2:
            return Features(frames.pts, self._extractor(frames))
        self._waiting.append((frames.pts, _pool(self._threads).submit(self._extractor, frames)))
        return self._done(2 * self._threads)

    def finish(self) -> Features:
        """Return the remaining frames."""
        return self._done(0)

    def close(self) -> None:
        """Cancel the remaining frames."""
        for _, work in self._waiting:
            work.cancel()
        self._waiting.clear()

    def _done(self, most: int) -> Features:
        """Return finished frames, waiting until at most `most` are in progress."""
        times, parts = [np.empty(0)], []
        while self._waiting and (len(self._waiting) > most or self._waiting[0][1].done()):
            t, work = self._waiting.popleft()
            times.append(t)
            parts.append(work.result())
        names = parts[0] if parts else {}
        joined = {name: np.concatenate([part[name] for part in parts]) for name in names}
        return Features(np.concatenate(times), joined)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, "frame")


def scratch(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return this thread's buffer of that name, with arbitrary content.

    Fresh arrays of a picture's size cost more in page faults than the arithmetic on them.
    """
    buffer: NDArray[np.float32] | None = _BUFFERS.__dict__.get(name)
    if buffer is None or buffer.shape != shape:
        buffer = _BUFFERS.__dict__[name] = np.empty(shape, np.float32)
    return buffer


_BUFFERS = threading.local()


def planes_of_pair(frames: Frames) -> tuple[Planes, Planes]:
    """Return the planes of the frames and of their partners, at the higher of the two depths.

    A level of the lower depth becomes the level of the higher one that codes the same value:
    it is shifted, never scaled.
    """
    assert frames.planes is not None
    assert frames.reference is not None
    assert frames.reference.planes is not None
    ours, theirs = frames.planes, frames.reference.planes
    bits = max(ours.bits, theirs.bits)
    return _deepened(ours, bits), _deepened(theirs, bits)


def _deepened(planes: Planes, bits: int) -> Planes:
    if planes.bits == bits:
        return planes
    shift = bits - planes.bits
    y, u, v = (
        None if plane is None else np.left_shift(plane, shift, dtype=np.uint16)
        for plane in (planes.y, planes.u, planes.v)
    )
    assert y is not None
    return Planes(y, u, v, bits)


def luma_of_pair(
    frames: Frames, index: int, reduced: Callable[[NDArray[Any]], NDArray[Any]] = lambda y: y
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one frame's luma and its partner's, float32 `(H, W)` on the scale of 8 bits.

    `reduced` makes the coded plane smaller first. The result is in this thread's buffers until
    the next frame. Ten bits are divided by 4, as libvmaf does, so that constants mean
    the same at every depth.
    """
    assert frames.planes is not None
    assert frames.reference is not None
    assert frames.reference.planes is not None

    def scaled(name: str, planes: Planes) -> NDArray[np.float32]:
        levels = reduced(planes.y[index])
        out = scratch(name, levels.shape)
        np.copyto(out, levels)
        if planes.bits > 8:
            out *= np.float32(0.5 ** (planes.bits - 8))
        return out

    return scaled("ours", frames.planes), scaled("theirs", frames.reference.planes)


def depth(frames: Frames) -> NDArray[np.float64]:
    """Return the bits at which the frames are compared, `(n,)`."""
    assert frames.planes is not None
    assert frames.reference is not None
    assert frames.reference.planes is not None
    bits = max(frames.planes.bits, frames.reference.planes.bits)
    return np.full(len(frames), float(bits))


def refuse_small(height: int, width: int, least: int, what: str) -> None:
    """Refuse a picture that is smaller than a measure's windows.

    Raises:
        VideoDecodeError: Code `too_small`, with which the score is not applicable.
    """
    if min(height, width) < least:
        raise VideoDecodeError(
            f"measure {what}",
            found=f"a picture of {width}x{height} pixels, {what} needs {least} on each side",
            where="the frames of the pair",
            fix=f"leave {what} out for videos of that size",
            code="too_small",
        )
