"""Collect the frames that an extractor reads into blocks of its own fixed size."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import ExtractorSpec, Windows
from lvbench.video.frames import Frames, concatenate

Prepare = Callable[[Frames], Frames]
# A time such as 0.49999999 (30000/1001 fps) counts as half a second.
_TOLERANCE = 1e-6


class BlockSampler:
    """Thin a stream of frames to a rate, and cut it into blocks of frames, pairs or windows.

    Args:
        spec: Describes a block.
        prepare: Applied to the frames that are taken, before they wait for their block.
    """

    def __init__(self, spec: ExtractorSpec, prepare: Prepare) -> None:
        self._rate, self._products, self._prepare = spec.rate, spec.products, prepare
        self._due = 0
        self._blocks = (
            _Runs(spec.batch, overlap=1 if spec.sampling == "pairs" else 0)
            if spec.windows is None
            else _Windows(spec.windows, spec.batch)
        )

    def push(self, frames: Frames) -> Iterator[Frames]:
        """Take the next chunk; yield the blocks that it fills.

        An extractor that reads pairs gets no frames without a partner.
        """
        if self._products.reference and frames.reference is None:
            return
        taken = frames.only(self._products)
        if self._rate is not None:
            taken = taken.take(self._at_rate(frames.pts, self._rate))
        wanted = self._blocks.wanted(taken.pts)
        if len(wanted) < len(taken):
            taken = taken.take(wanted)
        if len(taken):
            yield from self._blocks.push(self._prepare(taken))

    def finish(self) -> Iterator[Frames]:
        """Yield the last block, which is not full."""
        yield from self._blocks.finish()

    def _at_rate(self, pts: NDArray[np.float64], rate: float) -> NDArray[np.intp]:
        """Return the first frame at or after each multiple of `1 / rate`."""
        taken = []
        for i, time in enumerate(pts):
            if time * rate >= self._due - _TOLERANCE:
                taken.append(i)
                self._due = int(np.floor(time * rate + _TOLERANCE)) + 1
        return np.asarray(taken, np.intp)


class _Runs:
    """Blocks of consecutive frames; a block of pairs starts with the end of the one before."""

    def __init__(self, batch: int, overlap: int) -> None:
        self._overlap, self._size = overlap, batch + overlap
        self._waiting: list[Frames] = []
        self._count = 0

    def wanted(self, pts: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.arange(len(pts))

    def push(self, frames: Frames) -> Iterator[Frames]:
        self._waiting.append(frames)
        self._count += len(frames)
        if self._count < self._size:
            return
        joined = concatenate(self._waiting)
        start = 0
        while self._count - start >= self._size:
            yield joined.take(slice(start, start + self._size))
            start += self._size - self._overlap
        rest = joined.take(slice(start, None))
        self._waiting, self._count = [rest] if len(rest) else [], len(rest)

    def finish(self) -> Iterator[Frames]:
        if self._count > self._overlap:
            yield concatenate(self._waiting)
        self._waiting, self._count = [], 0


class _Windows:
    """Blocks of complete windows; one that the video's end cuts off is dropped."""

    def __init__(self, windows: Windows, batch: int) -> None:
        self._windows, self._batch = windows, batch
        self._opened = 0
        self._sizes: list[int] = []
        self._members: list[tuple[int, ...]] = []
        self._open: dict[int, list[Frames]] = {}
        self._ready: list[Frames] = []

    def wanted(self, pts: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the frames that belong to any window, and remember to which."""
        taken = []
        for i, time in enumerate(pts):
            if self._opens(time):
                self._opened += 1
                self._sizes.append(0)
            first = self._opened - len(self._sizes)
            members = tuple(first + k for k in range(len(self._sizes)))
            self._sizes = [size + 1 for size in self._sizes]
            while self._sizes and self._sizes[0] == self._windows.length:
                self._sizes.pop(0)
            if members:
                taken.append(i)
                self._members.append(members)
        return np.asarray(taken, np.intp)

    def _opens(self, time: float) -> bool:
        if self._windows.most and self._opened >= self._windows.most:
            return False
        every = self._windows.every
        if every is None:
            return not self._sizes and time >= self._windows.start - _TOLERANCE
        return bool(time >= self._windows.start + self._opened * every - _TOLERANCE)

    def push(self, frames: Frames) -> Iterator[Frames]:
        for i, members in enumerate(self._members):
            frame = frames.take(slice(i, i + 1))
            for window in members:
                parts = self._open.setdefault(window, [])
                parts.append(frame)
                if len(parts) == self._windows.length:
                    self._ready.append(concatenate(self._open.pop(window)))
            if len(self._ready) >= self._batch:
                yield concatenate(self._ready[: self._batch])
                self._ready = self._ready[self._batch :]
        self._members = []

    def finish(self) -> Iterator[Frames]:
        if self._ready:
            yield concatenate(self._ready)
        self._ready, self._open = [], {}
