"""Collect FFmpeg's error messages while one video is decoded.

A decoder conceals damage and reports it only in its log. PyAV disables that log globally; it is
enabled while at least one reader is open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Level:
    """Raise FFmpeg's log level while any reader listens; restore it after."""

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
                # A message equal to the last one of another video would be dropped.
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

    A decoder with one thread logs on the caller's thread, so that messages of videos read at the
    same time do not mix. A decoder with threads of its own logs from any of them: only one such
    decoder may listen at a time, and `every_thread` states whether this is it.

    Attributes:
        count: Number of messages.
        first: The first message, or an empty string.
        every_thread: Whether messages of every thread are collected.
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
        """Collect the messages of calls inside the block."""
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
        """Stop listening; harmless when called again."""
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
