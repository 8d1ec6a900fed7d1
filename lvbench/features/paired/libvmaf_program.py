"""Run ffmpeg's libvmaf filter on two streams of raw frames, with pipes on both sides."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import MissingDependencyError, VideoDecodeError

_BLOCKS_WAITING = 16  # of one frame each in a run
_POLL_SECONDS = 0.2
STALLED_SECONDS = 600.0
"""After so long without progress the program is ended: the queues have few frames."""
_PIPE_BYTES = 1 << 20
_ENVIRONMENT = "IMAGEIO_FFMPEG_EXE"
_SET_PIPE_SIZE = 1031  # Linux's F_SETPIPE_SZ


@dataclass(frozen=True, slots=True)
class RawPicture:
    """Describe a raw frame.

    Attributes:
        width: Pixels per row.
        height: Rows.
        bits: 8, 10, 12 or 16.
    """

    width: int
    height: int
    bits: int

    @property
    def pixel_format(self) -> str:
        """Return FFmpeg's name of the format."""
        return "yuv420p" if self.bits == 8 else f"yuv420p{self.bits}le"

    @property
    def chroma(self) -> bytes:
        """Return two planes of grey, as the filter accepts no picture without chroma."""
        samples = 2 * -(-self.width // 2) * -(-self.height // 2)
        kind = np.dtype("u1" if self.bits == 8 else "<u2")
        return np.full(samples, 1 << (self.bits - 1), kind).tobytes()


class LibvmafProgram:
    """One run of the program, on one pair of videos. Memory and disk do not grow with the
    frames' size: frames wait in two short queues, and the log has numbers.

    Args:
        picture: Format of a frame.
        model: Name of a built-in model.
        threads: Threads of libvmaf.

    Raises:
        MissingDependencyError: The program cannot be started (`program_missing`).
    """  # noqa: D205

    def __init__(self, picture: RawPicture, model: str, threads: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lvbench-vmaf-")
        self._log = Path(self._folder.name) / "log.json"
        self._chroma = picture.chroma
        self._dtype = np.dtype("u1" if picture.bits == 8 else "<u2")
        self._stopped = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        ours, theirs = os.pipe(), os.pipe()
        self._program = ffmpeg()
        command = [self._program, *_arguments(picture, model, threads, ours[0], theirs[0])]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(ours[0], theirs[0]),
                cwd=self._folder.name,
            )
        except OSError as error:
            for end in (*ours, *theirs):
                os.close(end)
            self._folder.cleanup()
            raise _not_there(error.strerror or str(error), self._program) from error
        for pipe in (ours, theirs):
            os.close(pipe[0])
        # Each side has a thread of its own: the program reads from them in any order.
        self._sides = [_Side(os.fdopen(end, "wb"), self._chroma) for end in (ours[1], theirs[1])]

    def give(self, ours: NDArray[Any], theirs: NDArray[Any]) -> None:
        """Pass on the luma of consecutive frames and of their partners, `(n, H, W)`.

        Raises:
            VideoDecodeError: The program has ended, or reads no more frames (`libvmaf_failed`).
        """
        for side, luma in zip(self._sides, (ours, theirs), strict=True):
            block = np.ascontiguousarray(luma, self._dtype)
            latest = time.monotonic() + STALLED_SECONDS
            while not side.put(block):
                if time.monotonic() > latest:
                    self._stop()
                if self._stopped or self._process.poll() is not None:
                    raise self._failure()

    def finish(self, frames: int) -> dict[str, NDArray[np.float64]]:
        """Return libvmaf's numbers by its own names, `(frames,)` each.

        Raises:
            VideoDecodeError: The program failed, or does not end (`libvmaf_failed`).
        """
        # Its pipes break when it is ended, so that waiting threads stop.
        timer = threading.Timer(STALLED_SECONDS, self._stop)
        timer.start()
        try:
            for side in self._sides:
                side.end()
            status = self._process.wait()
        finally:
            timer.cancel()
        if status != 0 or not self._log.is_file():
            raise self._failure()
        scored = json.loads(self._log.read_text("utf-8"))["frames"]
        if len(scored) != frames:
            raise self._failure(f"{len(scored)} frames came back of {frames}")
        names = scored[0]["metrics"] if scored else {}
        return {
            name: np.array([frame["metrics"][name] for frame in scored], np.float64)
            for name in names
        }

    def close(self) -> None:
        """End the program and remove its folder; harmless when called again."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for side in self._sides:
            side.end()
        self._errors.close()
        self._folder.cleanup()

    def _stop(self) -> None:
        self._stopped = True
        self._process.kill()

    def _failure(self, found: str = "") -> VideoDecodeError:
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().splitlines()[:2]
        ended = f"it ended with {self._process.poll()} and gave no scores"
        if self._stopped:
            ended = f"it made no progress for {STALLED_SECONDS:g} s and was ended"
        return VideoDecodeError(
            "score the pair with libvmaf",
            found=found or "; ".join(said) or ended,
            where=self._program,
            fix=_other_program() or "check the model's name; 'lvbench doctor' shows the program",
            code="libvmaf_failed",
        )


class _Side:
    """A thread that writes blocks of frames into one pipe."""

    def __init__(self, pipe: BinaryIO, chroma: bytes) -> None:
        self._pipe, self._chroma = pipe, chroma
        self._queue: queue.Queue[NDArray[Any] | None] = queue.Queue(_BLOCKS_WAITING)
        _widen(pipe)
        self._thread = threading.Thread(target=self._write, name="libvmaf", daemon=True)
        self._thread.start()

    def put(self, block: NDArray[Any] | None) -> bool:
        """Add a block to the queue; return whether there was room within a moment."""
        try:
            self._queue.put(block, timeout=_POLL_SECONDS)
        except queue.Full:
            return False
        return True

    def end(self) -> None:
        """Write the queue, then close the pipe."""
        while self._thread.is_alive():
            if self.put(None):
                self._thread.join()

    def _write(self) -> None:
        # A program that ended early breaks the pipe; its exit status has the reason.
        with contextlib.suppress(BrokenPipeError), self._pipe:
            while (block := self._queue.get()) is not None:
                for luma in block:
                    self._pipe.write(luma.data)
                    self._pipe.write(self._chroma)


def ffmpeg() -> str:
    """Return the path of the ffmpeg program that imageio-ffmpeg brings.

    Raises:
        MissingDependencyError: It is not there (`program_missing`).
    """
    try:
        import imageio_ffmpeg

        path: str = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise _not_there(str(error), "imageio-ffmpeg") from error
    return path


def _not_there(found: str, where: str) -> MissingDependencyError:
    return MissingDependencyError(
        "run libvmaf",
        found=found,
        where=where,
        fix=_other_program() or "in lvbench's folder: pip install -c constraints.txt -e '.[vmaf]'",
        code="program_missing",
    )


def _other_program() -> str:
    """Return the fix where the environment names another program than the usual one."""
    if not os.environ.get(_ENVIRONMENT):
        return ""
    return f"unset {_ENVIRONMENT}, which names this program, or let it name one with libvmaf"


def _arguments(picture: RawPicture, model: str, threads: int, ours: int, theirs: int) -> list[str]:
    """Return the program's arguments; both streams have one rate, so that frames stay paired."""
    size = f"{picture.width}x{picture.height}"
    raw = ["-f", "rawvideo", "-pixel_format", picture.pixel_format, "-video_size", size]
    # No probing: it could wait for more frames than there are.
    raw += ["-framerate", "25", "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"]
    graph = (
        f"[0:v][1:v]libvmaf=model=version={model}:n_threads={threads}"
        ":log_fmt=json:log_path=log.json"
    )
    return [
        *("-nostdin", "-hide_banner", "-loglevel", "error"),
        *(*raw, "-i", f"pipe:{ours}"),
        *(*raw, "-i", f"pipe:{theirs}"),
        *("-lavfi", graph, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]


def _widen(pipe: BinaryIO) -> None:
    """Let a complete frame fit in the pipe where the system allows: fewer context switches."""
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
