"""Hear what FFmpeg complains about while one video is decoded.

A decoder conceals damage and says so only in its log. PyAV keeps that log shut, globally; it is
opened while at least one reader is at work, and closed after the last.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Level:
    """Raise FFmpeg's log level while anybody listens; restore it after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners = 0
        self._before: tuple[int | None, bool] = (None, True)

    def raise_(self) -> None:
        from av import logging

        with self._lock:
            if self._listeners == 0:
                self._before = (logging.get_level(), logging.get_skip_repeated())
                logging.set_level(logging.ERROR)
                # A message equal to the last one of another video would be swallowed.
                logging.set_skip_repeated(False)
            self._listeners += 1

    def restore(self) -> None:
        from av import logging

        with self._lock:
            self._listeners -= 1
            if self._listeners == 0:
                logging.set_level(self._before[0])
                logging.set_skip_repeated(self._before[1])


_LEVEL = _Level()
_EVERY_THREAD = threading.Lock()


class DamageLog:
    """Count FFmpeg's error messages about one video.

    A decoder with one thread logs on the caller's thread, so that videos read side by side keep
    apart. A decoder with threads of its own logs from any of them: only one such decoder may
    listen at a time, and `every_thread` says whether this is the one.

    Attributes:
        count: Messages heard.
        first: The first message, or an empty string.
        every_thread: Whether messages of every thread are heard.
    """

    def __init__(self, *, every_thread: bool) -> None:
        from av.logging import Capture

        self.count = 0
        self.first = ""
        self.every_thread = every_thread and _EVERY_THREAD.acquire(blocking=False)
        _LEVEL.raise_()
        self._capture = Capture(local=False) if self.every_thread else None
        self._logs = self._capture.__enter__() if self._capture else []
        self._open = True

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Hear what the calls inside the block cause."""
        from av.logging import Capture

        if self.every_thread:
            try:
                yield
            finally:
                self._hear(self._logs)
            return
        with Capture() as logs:
            try:
                yield
            finally:
                self._hear(logs)

    def close(self) -> None:
        """Stop hearing; harmless when called again."""
        if not self._open:
            return
        self._open = False
        if self._capture:
            self._capture.__exit__(None, None, None)
            _EVERY_THREAD.release()
        _LEVEL.restore()

    def _hear(self, logs: list[tuple[int, str, str]]) -> None:
        if logs and not self.first:
            self.first = f"{logs[0][1]}: {logs[0][2].strip()}"
        self.count += len(logs)
        logs.clear()
