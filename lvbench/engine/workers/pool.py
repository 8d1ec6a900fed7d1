"""Schedule work on worker processes and recover from crashes."""

from __future__ import annotations

import json
import os
import resource
import selectors
import stat
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting
from lvbench.errors import LvbenchError, MissingDependencyError, StorageError
from lvbench.protocol.schema import Protocol

Done = Callable[[VideoTask, dict[str, Any]], None]
Lost = Callable[[VideoTask, str, str], None]
Frames = Callable[[int], None]

STALL_SECONDS = 300.0
"""A worker without a sign of life for this long is killed."""

_TRIES = 2
_START_TRIES = 3  # in a row, of each worker
_FATAL = {kind.__name__: kind for kind in (StorageError, MissingDependencyError, LvbenchError)}
_THREAD_POOLS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _THREAD_POOLS} | {
    "OMP_WAIT_POLICY": "passive"
}


class WorkerPool:
    """Run jobs on videos in `count` processes.

    Args:
        count: Worker processes.
        protocol: The protocol.
        setting: Where weights are and networks run, and the real set's digest.
        folder: The run folder to write to.
        stall_seconds: Time without a sign of life after which a worker is killed.
    """

    def __init__(
        self,
        count: int,
        protocol: Protocol,
        setting: Setting,
        folder: Path,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._count = count
        self._protocol = protocol
        self._setting = setting
        self._folder = folder
        self._stall = stall_seconds
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._stopped = False

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in list(self._workers):
            self._drop(worker)
        self._selector.close()

    def stop(self) -> None:
        """Make `run`, in another thread, return early with its jobs undone."""
        self._stopped = True

    def run(
        self,
        kind: Literal["probe", "trial", "score"],
        tasks: Iterable[VideoTask],
        *,
        done: Done,
        lost: Lost,
        frames: Frames = lambda _: None,
    ) -> None:
        """Run a job on every video; return when all are done or lost.

        Args:
            kind: The job.
            tasks: The videos.
            done: Called with the worker's answer.
            lost: Called with a code and a detail for a video that killed or stalled its worker
                twice.
            frames: Called with the number of frames just done.

        Raises:
            StorageError: A worker could not write.
            LvbenchError: No worker can be started (`worker_start`).
            MissingDependencyError: A package that every video needs does not work.
        """
        waiting = deque((task, 1) for task in tasks)
        while not self._stopped and (waiting or any(w.task for w in self._workers)):
            self._hand_out(kind, waiting)
            for key, _ in self._selector.select(timeout=1.0):
                worker: _Worker = key.data
                messages, ended = worker.read()
                if worker.started:
                    self._failed_starts = 0
                for message in messages:
                    self._take(worker, message, done, frames)
                if ended:
                    self._bury(worker, waiting, lost, "worker_crashed", worker.obituary())
            self._watch(waiting, lost)

    def _hand_out(self, kind: str, waiting: deque[tuple[VideoTask, int]]) -> None:
        busy = sum(w.task is not None for w in self._workers)
        while len(self._workers) < min(self._count, busy + len(waiting)):
            try:
                worker = _Worker(self._protocol, self._setting, self._folder)
            except OSError as error:
                # No process is available: the existing ones go on.
                if not self._workers:
                    self._not_started(f"system error: {error.strerror}")
                break
            self._workers.append(worker)
            self._selector.register(worker.output, selectors.EVENT_READ, worker)
        for worker in self._workers:
            if worker.task is None and waiting:
                worker.give(kind, *waiting.popleft())

    def _take(self, worker: _Worker, message: dict[str, Any], done: Done, frames: Frames) -> None:
        if "fatal" in message:
            parts = message["fatal"]
            raise _FATAL[parts.pop("kind")](parts.pop("asked"), **parts)
        if "frames" in message:
            frames(message["frames"])
        if "done" in message:
            assert worker.task is not None
            task, worker.task = worker.task, None
            done(task, message["done"])

    def _watch(self, waiting: deque[tuple[VideoTask, int]], lost: Lost) -> None:
        for worker in list(self._workers):
            silent = time.monotonic() - worker.last_sign
            if worker.task is not None and silent > self._stall:
                detail = f"no frame for {silent:.0f} s; the decoder or a metric hangs on this file"
                self._bury(worker, waiting, lost, "timeout", detail)

    def _bury(
        self,
        worker: _Worker,
        waiting: deque[tuple[VideoTask, int]],
        lost: Lost,
        code: str,
        detail: str,
    ) -> None:
        task, tries, started = worker.task, worker.tries, worker.started
        self._drop(worker)
        if not started:
            # A process that ends before it is ready is no fault of its video.
            self._not_started(detail)
            if task is not None:
                waiting.appendleft((task, tries))
        elif task is not None:
            if tries < _TRIES:
                waiting.appendleft((task, tries + 1))
            else:
                lost(task, code, detail)

    def _not_started(self, found: str) -> None:
        """Count a worker that did not start; raise after too many."""
        self._failed_starts += 1
        if self._failed_starts < _START_TRIES * self._count:
            return
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limited = most != resource.RLIM_INFINITY
        raise LvbenchError(
            "start a worker process",
            found=f"{found} ({self._failed_starts} tries)",
            where=str(self._folder / "log.txt"),
            fix="read the end of that file; free memory or processes, "
            + (f"raise the limit of {most / 1e6:.0f} MB (ulimit -v), " if limited else "")
            + "or use fewer --workers; then run the same command again: it resumes",
            code="worker_start",
        )

    def _drop(self, worker: _Worker) -> None:
        self._selector.unregister(worker.output)
        self._workers.remove(worker)
        worker.kill()


class _Worker:
    """One process and its job."""

    def __init__(self, protocol: Protocol, setting: Setting, folder: Path) -> None:
        with _log(folder) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lvbench.engine.workers.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | _ONE_THREAD,
                start_new_session=True,  # an interrupt ends the parent, which then ends the workers
            )
        assert self._process.stdout is not None
        self.output = self._process.stdout
        os.set_blocking(self.output.fileno(), False)
        self._folder = folder
        self._buffer = b""
        self.started = False
        self.task: VideoTask | None = None
        self.tries = 0
        self.last_sign = time.monotonic()
        self._write({"protocol": protocol.model_dump(), "setting": setting.model_dump()})

    def give(self, kind: str, task: VideoTask, tries: int) -> None:
        self.task, self.tries = task, tries
        self.last_sign = time.monotonic()
        self._write(
            {"kind": kind, "task": task.model_dump(mode="json"), "folder": str(self._folder)}
        )

    def read(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the messages that came, and whether the process has ended."""
        data = os.read(self.output.fileno(), 1 << 16)
        self.last_sign = time.monotonic()
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        messages = [json.loads(line) for line in lines]
        self.started |= any("ready" in m or "done" in m for m in messages)
        return messages, not data

    def obituary(self) -> str:
        """Return how the process ended."""
        status = self._process.wait()
        end = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return (
            f"the worker process {end} {'while at this file' if self.started else 'at its start'}"
        )

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # the output side reports its end, with the exit status


def _log(folder: Path) -> BinaryIO:
    """Open the file for the workers' output.

    Raises:
        StorageError: It cannot be written, or is no file.
    """
    path = folder / "log.txt"
    try:
        # Opening a pipe without a reader would block.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        log = os.fdopen(os.open(path, flags, 0o644), "ab")
    except OSError as error:
        found = error.strerror or str(error)
    else:
        if stat.S_ISREG(os.fstat(log.fileno()).st_mode):
            return log
        log.close()
        found = "it is no regular file"
    raise StorageError(
        "write the log of the workers",
        found=found,
        where=str(path),
        fix="make it a file that can be written, or remove it; then run the same command again: "
        "it resumes",
    )
