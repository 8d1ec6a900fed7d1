"""Run a generator's program within limits of time and memory, and leave nothing of it behind."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from lvbench.errors import GeneratorError
from lvbench.generators.command.output_log import OutputLog
from lvbench.generators.contract.measure import tree_memory
from lvbench.generators.contract.secrets import Secrets
from lvbench.results.files import storage_error

_VARIABLE = "LVBENCH_PROGRAM"
_ROUNDS = 5


class ProcessTree:
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


_EVERY_SECONDS = 0.05
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """How long a program may take and how much it may hold.

    Attributes:
        seconds: Longest time; None for no limit.
        memory_bytes: Most main memory of all its processes together; None for no limit.
    """

    seconds: float | None = None
    memory_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class ProgramExit:
    """How a program ended.

    Attributes:
        status: Exit status; negative where a signal ended it.
        broke: The limit that it broke, in words.
        code: The failure's code where it broke one.
    """

    status: int
    broke: str | None = None
    code: str = "generator_failed"


class Program:
    """Start a program in a session of its own; use it as a context manager.

    When the block is left, nothing of the program runs on, whatever the reason.

    Args:
        words: The command line; no shell reads it.
        log: File that keeps the first and last of what it prints, or of its standard error where
            its output is read.
        limits: Limits.
        piped: Whether its standard output is read, from `output`.
        folder: Working directory.
        environment: Its environment; this process's if left out.
        hidden: Secrets in it, which the log is kept free of.

    Raises:
        GeneratorError: It cannot be started.
        StorageError: The log cannot be written.
    """

    def __init__(
        self,
        words: Sequence[str],
        log: Path,
        limits: ProgramLimits,
        *,
        piped: bool = False,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        hidden: Secrets | None = None,
    ) -> None:
        self._tree = ProcessTree(os.environ if environment is None else environment)
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if piped else subprocess.STDOUT,
                cwd=folder,
                env=self._tree.environment,
                start_new_session=True,
            )
        except OSError as error:
            raise GeneratorError(
                "run the generator's program",
                found=error.strerror or str(error),
                where=words[0],
                fix="check the program's name and that it may be executed",
            ) from error
        self._reaped = False
        self._guard = _Guard(self._process.pid, limits, self._tree)
        said = self._process.stderr if piped else self._process.stdout
        assert said is not None
        try:
            self._kept = OutputLog(said, log, hidden)
        except OSError as error:
            self._end()
            raise storage_error(log, error) from error
        self._kept.start()
        self._guard.start()

    @property
    def number(self) -> int:
        """Return the number of its process."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """Return its standard output."""
        assert self._process.stdout is not None
        return self._process.stdout

    def wait(self) -> ProgramExit:
        """Wait for its end, and say how it was."""
        if hasattr(os, "waitid"):
            # Its number stays its own until it is waited for: only now may its session be ended.
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        self._guard.stop()
        status = self._end()
        self._kept.finish()
        return ProgramExit(status, self._guard.broke, self._guard.code)

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._guard.stop()
        if not self._reaped:
            self._end()
            self._kept.finish()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _end(self) -> int:
        """End what is left of the program; return its exit status."""
        self._tree.end(self._process.pid)
        self._reaped = True
        return self._process.wait()


class _Guard(threading.Thread):
    """End a program that breaks a limit, and the rest of one whose first process has ended."""

    def __init__(self, number: int, limits: ProgramLimits, tree: ProcessTree) -> None:
        super().__init__(daemon=True)
        self._number, self._limits, self._tree = number, limits, tree
        self._since = time.monotonic()
        self._over = threading.Event()
        self.broke: str | None = None
        self.code = "generator_failed"

    def run(self) -> None:
        """Look at the program until it has ended."""
        looked = 0.0
        while not self._over.wait(_EVERY_SECONDS):
            now = time.monotonic()
            if now - looked >= _LOOK_SECONDS:
                self._tree.look(self._number)
                looked = now
            # Its output ends with it: no child holds it open.
            if self._breaks() or _has_ended(self._number):
                self._tree.end(self._number)
                return

    def stop(self) -> None:
        """Let the program go."""
        self._over.set()
        if self.is_alive():
            self.join()

    def _breaks(self) -> bool:
        seconds, most = self._limits.seconds, self._limits.memory_bytes
        if seconds is not None and time.monotonic() - self._since > seconds:
            self.broke, self.code = f"it took more than {seconds:g} s", "generator_timeout"
        elif most is not None and (held := self._held(most)) > most:
            found = f"it held {held / 1e9:.2f} GB of memory, more than {most / 1e9:g} GB"
            self.broke, self.code = found, "generator_out_of_memory"
        return self.broke is not None

    def _held(self, most: float) -> int:
        """Return what the program holds; more than `most` only if that is seen twice."""
        held = tree_memory(self._number)
        # A child that has not begun its program yet is its parent once more.
        return held if held <= most else tree_memory(self._number)


def _has_ended(number: int) -> bool:
    """Tell whether a child has ended that nobody has waited for yet."""
    if not hasattr(os, "waitid"):
        return False
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    return True
