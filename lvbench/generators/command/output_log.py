"""Log of a program's output: the first and the last part, in bounded space."""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
import time
from pathlib import Path
from typing import IO

from lvbench.generators.contract.secrets import Secrets

KEPT_BYTES = 1 << 18
"""Bytes kept of the beginning, and of the end."""

_GRACE_SECONDS = 1.0  # for output of a process that cannot be killed


class OutputLog(threading.Thread):
    """Read a program's output to its end and write its first and last part to a file.

    The first part is written as it arrives, unless there are secrets: then everything is written
    at the end, with secrets masked.

    Args:
        output: The pipe.
        path: The file.
        hidden: Secrets passed to the program.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, output: IO[bytes], path: Path, hidden: Secrets | None) -> None:
        super().__init__(daemon=True)
        self._output, self._path, self._hidden = output, path, hidden
        self._file = path.open("wb", buffering=0)
        self._head, self._tail, self._left_out = b"", b"", 0
        self._over = threading.Event()

    def run(self) -> None:
        """Read to the end of the output."""
        ends = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while ends is None or time.monotonic() < ends:
                if selector.select(0.05):
                    data = os.read(self._output.fileno(), 1 << 16)
                    if not data:
                        return
                    self._take(data)
                elif ends is not None:
                    return
                if ends is None and self._over.is_set():
                    ends = time.monotonic() + _GRACE_SECONDS

    def finish(self) -> None:
        """Read the remaining output and complete the file."""
        self._over.set()
        self.join()
        self._output.close()
        # A full disk truncates the log and does not stop the program.
        with self._file, contextlib.suppress(OSError):
            if self._hidden is not None:
                text = (self._head + self._end()).decode("utf-8", "replace")
                self._file.write(self._hidden.without(text).encode())
            else:
                self._file.write(self._end())

    def _take(self, data: bytes) -> None:
        room = KEPT_BYTES - len(self._head)
        self._head += data[:room]
        if room > 0 and self._hidden is None:
            with contextlib.suppress(OSError):
                self._file.write(data[:room])
        self._tail += data[room:] if room > 0 else data
        # Truncate occasionally, not at every read.
        if len(self._tail) > 4 * KEPT_BYTES:
            self._cut()

    def _cut(self) -> None:
        self._left_out += max(0, len(self._tail) - KEPT_BYTES)
        self._tail = self._tail[-KEPT_BYTES:]

    def _end(self) -> bytes:
        self._cut()
        said = f"\n[{self._left_out} bytes omitted here]\n" if self._left_out else ""
        return said.encode() + self._tail
