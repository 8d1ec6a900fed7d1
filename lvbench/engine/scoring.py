"""Have every video's item record written, by worker processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvbench.engine.one_pass import failed_record
from lvbench.engine.pool import WorkerPool
from lvbench.engine.progress import Progress
from lvbench.engine.task import VideoTask
from lvbench.engine.tools import Setting, Tools
from lvbench.results.journal import write_item
from lvbench.results.schema import VideoRecord


def score_all(
    tools: Tools,
    setting: Setting,
    tasks: Sequence[VideoTask],
    folder: Path,
    workers: int,
    telling: Progress,
) -> dict[str, Any]:
    """Write the item record of every video into a run folder; return what it took.

    Args:
        tools: Metrics and extractors.
        setting: Where weights lie and networks run.
        tasks: The videos.
        folder: The run folder.
        workers: Worker processes at most.
        telling: Where to tell how far it is.

    Raises:
        StorageError: A record cannot be written.
    """
    frames = {task.id: 0 for task in tasks}
    seen: Counter[str] = Counter()

    def probed(task: VideoTask, answer: dict[str, Any]) -> None:
        frames[task.id] = answer.get("frames", 0)

    def done(task: VideoTask, answer: dict[str, Any]) -> None:
        seen.update(
            videos=1,
            kept=int(answer["kept"]),
            frames=0 if answer["kept"] else answer["frames"],
            milliseconds=round(1000 * answer["cpu_seconds"]),
        )
        seen["peak"] = max(seen["peak"], answer["peak_bytes"])
        note = f"failed ({', '.join(answer['failed'])})" if answer["failed"] else "ok"
        telling.video(task.shown, "kept" if answer["kept"] else note)

    def lost(task: VideoTask, code: str, detail: str) -> None:
        video = VideoRecord(id=task.id, path=task.shown, cluster=task.cluster)
        mend = "check the file with another player, replace it, then run again"
        write_item(folder, failed_record(tools, video, code, f"{detail}. Mend: {mend}"))
        telling.video(task.shown, f"failed ({code})")

    with WorkerPool(min(workers, len(tasks)), tools.protocol, setting, folder) as pool:
        pool.run("probe", tasks, done=probed, lost=lambda *_: None)
        telling.start(len(tasks), sum(frames.values()))
        # Longest first: the last video to finish is then a short one.
        by_length = sorted(tasks, key=lambda task: (-frames[task.id], task.id))
        pool.run("score", by_length, done=done, lost=lost, frames=telling.frames)
    return {
        "workers": min(workers, len(tasks)),
        "videos_kept": seen["kept"],
        "frames": seen["frames"],
        "worker_cpu_seconds": seen["milliseconds"] / 1000,
        "worker_peak_bytes": seen["peak"],
    }
