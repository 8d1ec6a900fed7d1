"""Process parts of a batch in parallel, each on its own core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import torch

PARTS = 2
"""Parts of a batch on a CPU; on a GPU one pass over the complete batch is faster."""

Part = TypeVar("Part")
Made = TypeVar("Made")


def split_batch(items: Sequence[Part], device: torch.device) -> list[Sequence[Part]]:
    """Return the parts of a batch, in order; they depend on the batch and the device type."""
    count = max(1, min(PARTS, len(items))) if device.type == "cpu" else 1
    edges = [round(k * len(items) / count) for k in range(count + 1)]
    return [items[low:high] for low, high in pairwise(edges)]


def one_thread_each(workers: int) -> ThreadPoolExecutor:
    """Return a pool of threads, each with single-threaded torch."""
    return ThreadPoolExecutor(workers, "part", torch.set_num_threads, (1,))


class ParallelParts:
    """Call a function on every part. Use it as a context manager.

    On a CPU every part uses one thread, so that the number of threads changes no bit. Two threads
    with a part each take little more than half the time of one: single products are too small to
    be shared.

    Args:
        device: Device of the parts.
        parts: Number of parts.
    """

    def __init__(self, device: torch.device, parts: int) -> None:
        self._threads = torch.get_num_threads()
        self._pool = None
        if device.type == "cpu":
            workers = min(self._threads, parts)
            self._pool = one_thread_each(workers)

    def __enter__(self) -> ParallelParts:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            # Some libraries apply a thread's setting to all threads.
            torch.set_num_threads(self._threads)

    def each(self, work: Callable[[Part], Made], parts: Sequence[Part]) -> list[Made]:
        """Return the result of `work` for every part, in order."""
        return list(self._pool.map(work, parts)) if self._pool else [work(part) for part in parts]
