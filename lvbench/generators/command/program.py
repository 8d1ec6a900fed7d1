"""Run a generator's program within time and memory limits, and end all its processes."""

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
    """All processes of a program, also those that have left its session.

    A process is identified by a mark in its environment, which children inherit whatever session
    and parent they take, or because it was seen below the running program. Not found: a process
    that empties its environment and leaves its parent between two looks, or one of another user.

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
        """End the program's session and the processes that have left it.

        Args:
            number: Process id of the program, which leads its session and is not yet waited for.
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
    """Limits of time and memory.

    Attributes:
        seconds: Time limit; None for no limit.
        memory_bytes: Memory limit over all its processes; None for no limit.
    """

    seconds: float | None = None
    memory_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class ProgramExit:
    """Exit of a program.

    Attributes:
        status: Exit status; negative where a signal ended it.
        broke: The exceeded limit, in words.
        code: Failure code.
    """

    status: int
    broke: str | None = None
    code: str = "generator_failed"


class Program:
    """Start a program in its own session; use it as a context manager.

    All processes of the program are ended when the block is left.

    Args:
        words: The command line; no shell parses it.
        log: File for the first and last part of its output, or of its standard error where its
            output is read.
        limits: Limits.
        piped: Whether its standard output is read, from `output`.
        folder: Working directory.
        environment: Its environment; by default that of this process.
        hidden: Secrets in the environment, masked in the log.

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
                fix="check the program's name and that it is executable",
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
        """Return its process id."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """Return its standard output."""
        assert self._process.stdout is not None
        return self._process.stdout

    def wait(self) -> ProgramExit:
        """Wait for its end and return its exit."""
        if hasattr(os, "waitid"):
            # The process id is not reused before the wait: the session can be ended safely here.
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
        """End the remaining processes; return the exit status."""
        self._tree.end(self._process.pid)
        self._reaped = True
        return self._process.wait()


class _Guard(threading.Thread):
    """End a program that exceeds a limit, and children of a program that has exited."""

    def __init__(self, number: int, limits: ProgramLimits, tree: ProcessTree) -> None:
        super().__init__(daemon=True)
        self._number, self._limits, self._tree = number, limits, tree
        self._since = time.monotonic()
        self._over = threading.Event()
        self.broke: str | None = None
        self.code = "generator_failed"

    def run(self) -> None:
        """Watch the program until it has ended."""
        looked = 0.0
        while not self._over.wait(_EVERY_SECONDS):
            now = time.monotonic()
            if now - looked >= _LOOK_SECONDS:
                self._tree.look(self._number)
                looked = now
            # End children too, so that none keeps the output open.
            if self._breaks() or _has_ended(self._number):
                self._tree.end(self._number)
                return

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()
        if self.is_alive():
            self.join()

    def _breaks(self) -> bool:
        seconds, most = self._limits.seconds, self._limits.memory_bytes
        if seconds is not None and time.monotonic() - self._since > seconds:
            self.broke, self.code = f"it took more than {seconds:g} s", "generator_timeout"
        elif most is not None and (used := self._memory(most)) > most:
            found = f"it used {used / 1e9:.2f} GB of memory, more than {most / 1e9:g} GB"
            self.broke, self.code = found, "generator_out_of_memory"
        return self.broke is not None

    def _memory(self, most: float) -> int:
        """Return the memory of the program; more than `most` only if measured twice."""
        used = tree_memory(self._number)
        # A child between fork and exec counts its parent's memory a second time.
        return used if used <= most else tree_memory(self._number)


def _has_ended(number: int) -> bool:
    """Return whether a child has ended and is not yet waited for."""
    if not hasattr(os, "waitid"):
        return False
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    return True
