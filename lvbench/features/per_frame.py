"""What extractors share that hold one frame against its partner in the real video."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Frames, Planes

Result = TypeVar("Result")


def each(work: Callable[[int], Result], count: int, threads: int) -> list[Result]:
    """Return `work(i)` for every frame of a block, in order, over a number of threads."""
    if threads < 2 or count < 2:
        return [work(i) for i in range(count)]
    return list(_pool(threads).map(work, range(count)))


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, "frame")


def scratch(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return this thread's buffer of that name; what it holds is of no meaning.

    Fresh arrays of a picture's size cost more in page faults than the arithmetic on them.
    """
    held = _BUFFERS.__dict__.get(name)
    if held is None or held.shape != shape:
        held = _BUFFERS.__dict__[name] = np.empty(shape, np.float32)
    buffer: NDArray[np.float32] = held
    return buffer


_BUFFERS = threading.local()


def planes_of_pair(frames: Frames) -> tuple[Planes, Planes]:
    """Return the planes of the frames and of their partners, at the higher of the two depths.

    A level of the lower depth becomes the level of the higher one that codes the same value:
    it is shifted, never stretched.
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

    `reduced` makes the coded plane smaller before. They lie in this thread's buffers until it
    asks for the next frame. Ten bits are divided by 4, as libvmaf does, so that constants mean
    the same at every depth.
    """
    assert frames.planes is not None
    assert frames.reference is not None
    assert frames.reference.planes is not None

    def scaled(name: str, planes: Planes) -> NDArray[np.float32]:
        levels = reduced(planes.y[index])
        scale, out = np.float32(0.5 ** (planes.bits - 8)), scratch(name, levels.shape)
        np.multiply(levels, scale, out=out, dtype=np.float32)
        return out

    return scaled("ours", frames.planes), scaled("theirs", frames.reference.planes)


def depth(frames: Frames) -> NDArray[np.float64]:
    """Return the bits at which the frames are compared, `(n,)`."""
    assert frames.planes is not None
    assert frames.reference is not None
    assert frames.reference.planes is not None
    bits = max(frames.planes.bits, frames.reference.planes.bits)
    return np.full(len(frames), float(bits))
