"""Estimate frames, time, memory and downloads of an evaluation before it runs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.engine.chosen import chosen_protocol
from lvbench.engine.left_out import by_reason, lines
from lvbench.engine.video_pass.task import VideoTask, find_all
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.pool import WorkerPool
from lvbench.environment import usable_cores
from lvbench.protocol import DEFAULT_PROTOCOL
from lvbench.protocol.schema import Protocol


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Estimate of a run.

    Attributes:
        protocol: Name and version.
        videos: Number of videos.
        unreadable: Path and code of videos whose header cannot be read.
        frames: Frames to decode, as the containers declare them.
        video_seconds: Length of all videos.
        extractors: Extractor name to the metrics that read it: each gets every frame once.
        workers: Worker processes.
        seconds: Estimated wall time, from a trial on this machine; None without a trial.
        worker_bytes: Peak memory of a worker in that trial.
        downloads: Downloads and installations that the unavailable metrics need.
        left_out: Line that names the files that would be left out; empty if there are none.
    """

    protocol: str
    videos: int
    unreadable: list[tuple[str, str]]
    frames: int
    video_seconds: float
    extractors: dict[str, list[str]]
    workers: int
    seconds: float | None
    worker_bytes: int | None
    downloads: list[str]
    left_out: list[str]


def plan(
    path: str | Path,
    *,
    protocol: str | Protocol = DEFAULT_PROTOCOL,
    workers: int | None = None,
    limit: int | None = None,
    setting: Setting | None = None,
) -> RunPlan:
    """Return an estimate of evaluating the videos at `path`.

    Time and memory come from a trial: the first frames of the longest video go through the full
    pass, in a worker process, on this machine.

    Raises:
        UsageError: There is no video at `path`.
    """
    chosen = chosen_protocol(protocol)
    setting = setting or Setting()
    tools = build_tools(chosen, setting)
    found, others = find_all(Path(path))
    tasks = found[:limit]
    count = min(workers or usable_cores(), len(tasks))
    with tempfile.TemporaryDirectory() as scratch:
        headers = _probe(tasks, tools, setting, Path(scratch), count)
        readable = {k: v for k, v in headers.items() if "code" not in v}
        trial = _trial(tasks, readable, tools, setting, Path(scratch))
    work = sum(v["frames"] * v["width"] * v["height"] for v in readable.values())
    return RunPlan(
        protocol=f"{chosen.name} v{chosen.version}{' (draft)' if chosen.draft else ''}",
        videos=len(tasks),
        unreadable=[(t.shown, headers[t.id]["code"]) for t in tasks if t.id not in readable],
        frames=sum(v["frames"] for v in readable.values()),
        video_seconds=sum(v["duration"] or 0.0 for v in readable.values()),
        extractors={
            name: [key for key, m in tools.metrics.items() if name in m.needs]
            for name in tools.extractors
        },
        workers=count,
        seconds=None if trial is None else work * trial["seconds_per_pixel"] / count,
        worker_bytes=None if trial is None else trial["peak_bytes"],
        downloads=sorted({error.fix for _, error in tools.unavailable.values()}),
        left_out=lines(by_reason(others)),
    )


def _probe(
    tasks: list[VideoTask], tools: Tools, setting: Setting, folder: Path, count: int
) -> dict[str, dict[str, Any]]:
    headers: dict[str, dict[str, Any]] = {}
    with WorkerPool(count, tools.protocol, setting, folder) as pool:
        pool.run(
            "probe",
            tasks,
            done=lambda task, answer: headers.__setitem__(task.id, answer),
            lost=lambda task, code, _: headers.__setitem__(task.id, {"code": code}),
        )
    return headers


def _trial(
    tasks: list[VideoTask],
    readable: dict[str, dict[str, Any]],
    tools: Tools,
    setting: Setting,
    folder: Path,
) -> dict[str, Any] | None:
    """Time the pass over the first frames of the video with the most pixels."""
    if not readable:
        return None
    size = {k: v["frames"] * v["width"] * v["height"] for k, v in readable.items()}
    chosen = max(readable, key=lambda k: (size[k], k))
    answers: list[dict[str, Any]] = []
    with WorkerPool(1, tools.protocol, setting, folder) as pool:
        pool.run(
            "trial",
            [task for task in tasks if task.id == chosen],
            done=lambda _, answer: answers.append(answer),
            lost=lambda *_: None,
        )
    if not answers or not answers[0]["frames"]:
        return None
    pixels = answers[0]["frames"] * readable[chosen]["width"] * readable[chosen]["height"]
    return {
        "seconds_per_pixel": answers[0]["cpu_seconds"] / pixels,
        "peak_bytes": answers[0]["peak_bytes"],
    }
