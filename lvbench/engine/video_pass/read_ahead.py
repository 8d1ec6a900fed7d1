"""Decode in a separate thread, a few chunks ahead of the computation."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType

from lvbench.video.frames import Frames

_DEPTH = 2
_POLL_SECONDS = 0.1


class ReadAhead:
    """Iterate over chunks that another thread decodes; its errors are raised here.

    Use it as a context manager: leaving it stops the thread, even in the middle of a video.
    """

    def __init__(self, chunks: Iterable[Frames]) -> None:
        self._chunks = chunks
        self._queue: queue.Queue[Frames | BaseException | None] = queue.Queue(_DEPTH)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="decoder", daemon=True)

    def __enter__(self) -> Iterator[Frames]:
        self._thread.start()
        return self._drain()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _drain(self) -> Iterator[Frames]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def _fill(self) -> None:
        try:
            for chunk in self._chunks:
                if not self._put(chunk):
                    return
            self._put(None)
        except BaseException as error:  # raised in the thread that reads
            self._put(error)

    def _put(self, item: Frames | BaseException | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False
