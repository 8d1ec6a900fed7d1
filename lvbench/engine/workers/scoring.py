"""Write every video's item record, by worker processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from lvbench.engine.video_pass.one_pass import failed_record
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, Tools
from lvbench.engine.workers.pool import WorkerPool
from lvbench.engine.workers.progress import Progress
from lvbench.printing import visible
from lvbench.results.files import write_atomic
from lvbench.results.journal import write_item
from lvbench.results.schema import VideoRecord


def score_all(
    tools: Tools,
    setting: Setting,
    tasks: Sequence[VideoTask],
    folder: Path,
    workers: int,
    progress: Progress,
) -> dict[str, Any]:
    """Write the item record of every video into a run folder; return time, memory and counts.

    Args:
        tools: Metrics and extractors.
        setting: Where weights are and networks run.
        tasks: The videos.
        folder: The run folder.
        workers: Worker processes at most.
        progress: Receives the progress.

    Raises:
        StorageError: A record cannot be written.
    """
    workers = min(workers, len(tasks))
    with Scorer(tools, setting, folder, workers, progress) as scorer:
        frames = scorer.probe(tasks)
        progress.start(len(tasks), sum(frames.values()))
        # Longest first: the last video to finish is then a short one.
        scorer.score(sorted(tasks, key=lambda task: (-frames[task.id], task.id)))
    return {"workers": workers, **scorer.work()}


class Scorer:
    """Worker processes that write item records; use it as a context manager.

    Args:
        tools: Metrics and extractors.
        setting: Where weights are and networks run.
        folder: The run folder.
        workers: Worker processes at most.
        progress: Receives the progress.
    """

    def __init__(
        self, tools: Tools, setting: Setting, folder: Path, workers: int, progress: Progress
    ) -> None:
        self._tools, self._folder, self._progress = tools, folder, progress
        self._pool = WorkerPool(workers, tools.protocol, setting, folder)
        self._seen: Counter[str] = Counter()

    def probe(self, tasks: Sequence[VideoTask]) -> dict[str, int]:
        """Return the number of frames of every video, 0 where it is unknown."""
        frames = {task.id: 0 for task in tasks}

        def probed(task: VideoTask, answer: dict[str, Any]) -> None:
            frames[task.id] = answer.get("frames", 0)

        self._pool.run("probe", tasks, done=probed, lost=lambda *_: None)
        return frames

    def score(self, tasks: Sequence[VideoTask]) -> None:
        """Write the videos' records.

        Raises:
            StorageError: A record cannot be written.
        """
        progress = self._progress
        self._pool.run("score", tasks, done=self._done, lost=self._lost, frames=progress.frames)

    def stop(self) -> None:
        """Make `score`, in another thread, return early with its videos undone."""
        self._pool.stop()

    def work(self) -> dict[str, Any]:
        """Return time, memory and counts of the scoring so far."""
        return {
            "videos_kept": self._seen["kept"],
            "frames": self._seen["frames"],
            "worker_cpu_seconds": self._seen["milliseconds"] / 1000,
            "worker_peak_bytes": self._seen["peak"],
        }

    def __enter__(self) -> Scorer:
        self._pool.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.__exit__(kind, error, trace)
        _escape_log(self._folder / "log.txt")

    def _done(self, task: VideoTask, answer: dict[str, Any]) -> None:
        self._seen.update(
            videos=1,
            kept=int(answer["kept"]),
            frames=0 if answer["kept"] else answer["frames"],
            milliseconds=round(1000 * answer["cpu_seconds"]),
        )
        self._seen["peak"] = max(self._seen["peak"], answer["peak_bytes"])
        note = f"failed ({', '.join(answer['failed'])})" if answer["failed"] else "ok"
        self._progress.video(task.shown, "kept" if answer["kept"] else note)

    def _lost(self, task: VideoTask, code: str, detail: str) -> None:
        video = VideoRecord(id=task.id, path=task.shown, cluster=task.cluster)
        fix = "check the file with another player, replace it, then run again"
        detail = task.shareable(f"{detail}. Fix: {fix}")
        write_item(self._folder, failed_record(self._tools, video, code, detail))
        self._progress.video(task.shown, f"failed ({code})")


def _escape_log(log: Path) -> None:
    """Escape control characters, which would steer a terminal that shows the log."""
    if log.is_file():
        text = log.read_bytes().decode("utf-8", "backslashreplace")
        if visible(text) != text:
            write_atomic(log, visible(text))
