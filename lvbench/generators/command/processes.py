"""The processes that a program starts, found again when they have left its session."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from typing import Any

_VARIABLE = "LVBENCH_PROGRAM"
_ROUNDS = 5


class Family:
    """All processes of a program.

    A process is known by a mark in its environment, which children inherit whatever session and
    parent they take, or because it was seen below the program while that ran. What empties its
    environment and leaves its parent between two looks is not found, nor what another user runs.

    Args:
        environment: The environment to mark.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._mark = secrets.token_hex(8)
        marks = [*filter(None, [environment.get(_VARIABLE)]), self._mark]
        self.environment = {**environment, _VARIABLE: ":".join(marks)}
        self._seen: set[object] = set()

    def look(self, number: int) -> None:
        """Remember the processes below the program."""
        import psutil

        with contextlib.suppress(psutil.Error):
            self._seen.update(psutil.Process(number).children(recursive=True))

    def end(self, number: int) -> None:
        """End the program's session, and what has left it.

        Args:
            number: The program's process, which leads its session and is not waited for yet.
        """
        import psutil

        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(number, signal.SIGKILL)
        for _ in range(_ROUNDS):
            found = [one for one in self._living() if one.pid != number]
            for one in found:
                with contextlib.suppress(psutil.Error):
                    one.kill()
            if not found:
                return

    def _living(self) -> Iterator[Any]:
        import psutil

        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if one.status() == psutil.STATUS_ZOMBIE:
                    continue
                if one in self._seen or self._mark in one.environ().get(_VARIABLE, ""):
                    yield one
