"""A worker process: takes jobs as JSON lines on standard input, answers on standard output.

It is a process of its own so that a decoder that crashes, hangs or grows affects no other video.
Run by the pool as `python -m lvbench.engine.workers.worker`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.errors import LvbenchError, MissingDependencyError, StorageError, VideoDecodeError
from lvbench.features.network import NetworkExtractor
from lvbench.memory import peak_memory, shortage
from lvbench.protocol.schema import Protocol
from lvbench.results.journal import file_stem, finished_item, item_path, write_item
from lvbench.results.schema import ItemRecord
from lvbench.video.decoding.decode import probe
from lvbench.video.file_hash import Beat, sha256_file

_PR_SET_PDEATHSIG = 1
_ADDRESS_SPACE = 16 << 30
_OPEN_FILES = 256
_SIGN_OF_LIFE_SECONDS = 0.25
_TRIAL_FRAMES = 64
_FEWEST_BYTES = 8  # of a frame in a file


def main() -> None:
    """Answer jobs until standard input ends, which ends this process at once."""
    _end_with_parent()
    answers = _private_stdout()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    import cv2

    # One thread per batch: each core has its own video, and no sum changes its order.
    cv2.setNumThreads(1)
    tools: Tools | None = None
    for line in _jobs():
        job = json.loads(line)
        try:
            if tools is None:
                setting = Setting.model_validate(job["setting"])
                tools = build_tools(Protocol.model_validate(job["protocol"]), setting)
                # A GPU's driver maps more addresses than any useful limit.
                if not _on_gpu(tools):
                    _limit(resource.RLIMIT_AS, _ADDRESS_SPACE)
                answer: dict[str, Any] = {"ready": True}
            elif job["kind"] == "probe":
                answer = _probe(job)
            elif job["kind"] == "trial":
                answer = _trial(job, tools)
            else:
                answer = _score(job, tools, answers)
        except (StorageError, MissingDependencyError) as error:
            answer = {"fatal": _parts(error)}
        except ImportError as error:
            short = shortage(error)
            if short is None:
                raise
            answer = {"fatal": _parts(short)}
        _send(answers, answer)


def _end_with_parent() -> None:
    """Make the kernel end this process when its parent ends, where it can."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _jobs() -> Iterator[bytes]:
    """Yield the lines of standard input; when it ends, end the process at once.

    The pipe belongs to the parent: it ends with the parent, on every system.
    """
    lines: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        # Not by way of sys.stdin: its lock would stop a process that ends by an error.
        left = b""
        while data := os.read(0, 1 << 16):
            *complete, left = (left + data).split(b"\n")
            for line in complete:
                lines.put(line)
        os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def _probe(job: dict[str, Any]) -> dict[str, Any]:
    task = VideoTask.model_validate_json(json.dumps(job["task"]))
    try:
        info = probe(Path(task.path))
    except VideoDecodeError as error:
        return {"done": {"id": task.id, "code": error.code}}
    fps = task.entry.fps or info.fps or 24.0
    frames = info.frames_declared or round((info.duration or 0.0) * fps)
    if Path(task.path).is_file():
        # Headers can declare any number; no frame takes fewer bytes of a file than this.
        frames = min(frames, Path(task.path).stat().st_size // _FEWEST_BYTES)
    size = {"width": info.width, "height": info.height}
    return {"done": {"id": task.id, "frames": frames, "duration": info.duration, **size}}


def _trial(job: dict[str, Any], tools: Tools) -> dict[str, Any]:
    """Score the first frames of a video, to measure the cost of a frame here."""
    task = VideoTask.model_validate_json(json.dumps(job["task"]))
    started = time.process_time()
    record = score_video(task, tools, max_frames=_TRIAL_FRAMES).record
    return {
        "done": {
            "id": task.id,
            "frames": record.video.frames or 0,
            "cpu_seconds": time.process_time() - started,
            "peak_bytes": peak_memory(),
        }
    }


def _score(job: dict[str, Any], tools: Tools, answers: BinaryIO) -> dict[str, Any]:
    task = VideoTask.model_validate_json(json.dumps(job["task"]))
    folder = Path(job["folder"])
    started, cpu = time.perf_counter(), time.process_time()
    pulse = _Pulse(answers)
    kept = _finished(folder, task, tools, partial(pulse.beat, 0))
    record = kept
    if record is None:
        result = score_video(task, tools, pulse.beat)
        record = result.record
        if result.filmstrip is not None:
            result.filmstrip.write(folder / "thumbnails", file_stem(task.id))
        write_item(folder, record, result.features)
    return {
        "done": {
            "id": task.id,
            "kept": kept is not None,
            "status": record.video.status,
            "failed": sorted({s.code for s in record.metrics.values() if s.status == "failed"}),
            "frames": record.video.frames or 0,
            "seconds": time.perf_counter() - started,
            "cpu_seconds": time.process_time() - cpu,
            "peak_bytes": peak_memory(),
        }
    }


def _finished(folder: Path, task: VideoTask, tools: Tools, beat: Beat) -> ItemRecord | None:
    if not item_path(folder, task.id).exists():
        return None
    real = task.entry.reference if tools.paired else None
    try:
        checksum = sha256_file(Path(task.path), beat)
        of_reference = None if real is None else sha256_file(real, beat)
    except VideoDecodeError:
        return None
    return finished_item(
        folder,
        task.id,
        tools.identity.hash,
        checksum,
        tools.metrics,
        of_reference,
        task.manifest_sha256,
    )


class _Pulse:
    """Report frames done, a few times per second."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._frames = 0
        self._last = time.monotonic()

    def beat(self, frames: int) -> None:
        self._frames += frames
        if time.monotonic() - self._last >= _SIGN_OF_LIFE_SECONDS:
            _send(self._answers, {"frames": self._frames})
            self._frames, self._last = 0, time.monotonic()


def _parts(error: LvbenchError) -> dict[str, str]:
    parts = ("asked", "found", "where", "fix", "code")
    return {"kind": type(error).__name__} | {part: getattr(error, part) for part in parts}


def _send(answers: BinaryIO, message: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()
    except BrokenPipeError:
        # The parent has ended: nothing reads further answers.
        os._exit(1)


def _private_stdout() -> BinaryIO:
    """Keep standard output for answers; output of libraries goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _on_gpu(tools: Tools) -> bool:
    """Limit torch to one thread, where it is used; return whether a network runs on a GPU."""
    networks = [e for e in tools.extractors.values() if isinstance(e, NetworkExtractor)]
    if not any("torch" in network.modules for network in networks):
        return False
    import torch

    torch.set_num_threads(1)
    return any(network.device != "cpu" for network in networks)


def _limit(which: int, limit: int) -> None:
    """Limit a resource of this process."""
    _, hard = resource.getrlimit(which)
    bounded = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    # Not every system allows every limit; the watchdog covers the rest.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (bounded, hard))


if __name__ == "__main__":
    main()
