"""Score a generator's clips while it makes them, and delete each one after scoring."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from lvbench.engine.evaluate import open_run_folder
from lvbench.engine.session import EvaluationSession
from lvbench.engine.video_pass.task import VideoTask, tasks_from
from lvbench.engine.workers.progress import Progress
from lvbench.engine.workers.scoring import Scorer
from lvbench.errors import ConfigError
from lvbench.generators.contract.requests import requests
from lvbench.generators.contract.types import Request
from lvbench.generators.production.produce import Production
from lvbench.protocol.load import protocol_path
from lvbench.protocol.schema import Protocol
from lvbench.results.folder_lock import locked_folder
from lvbench.results.journal import finished_item, item_path
from lvbench.results.run import Run, read_item
from lvbench.results.shard import Shard, write_shard
from lvbench.video.manifest.entry import ManifestEntry


def evaluate_streaming(
    generator: str,
    *,
    out: str | Path,
    protocol: str | Protocol,
    workers: int | None = None,
    limit: int | None = None,
    title: str | None = None,
    real: str | Path | None = None,
    weights: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    shard: Shard | None = None,
) -> Run:
    """Generate a protocol's clips, score each while the next is made, and delete it.

    A clip is on disk, lossless, until its record is written, so the numbers are those of files
    that are kept. At any time there is at most one clip (or batch, where the generator makes
    batches) more than there are workers. A clip whose file could not be scored stays. Call it
    again after an interruption: finished records are kept.

    Args:
        generator: The generator, `name` or `name:argument`.
        out: Run folder to write, or to resume.
        protocol: A protocol with prompts: its name, `name@version`, file, or object.
        workers: Worker processes that score; default: the number of cores.
        limit: Only the first clips, by id, up to this number; the run is then partial.
        title: Title of the run; default: the generator's name.
        real: As for `evaluate`.
        weights: As for `evaluate`.
        device: Where the networks of metrics run.
        progress: Receives the progress.
        shard: Only this shard of the clips; `lvbench merge` merges the shards.

    Raises:
        ConfigError: The protocol has no prompts, or `out` contains another run, or another
            process is writing there.
        LvbenchError: The generator can serve no request.
        StorageError: A result cannot be written.
    """
    run = EvaluationSession.begin(
        protocol, out, workers=workers, real=real, weights=weights, device=device
    )
    own = protocol_path(protocol).parent if isinstance(protocol, str) else None
    with locked_folder(run.folder):
        folder = run.folder / "videos"
        work = Production(generator, run.protocol, folder, limit=limit, beside=own, shard=shard)
        assert run.protocol.prompts is not None
        complete = len(requests(run.protocol.prompts, own))
        open_run_folder(run.folder, run.tools, [_task(work, request) for request in work.asked])
        write_shard(run.folder, shard, work.plan, complete)
        with progress or Progress() as progress:
            spent = _score_all(run, work, progress)
            references = run.references(progress)
        tasks = [_task(work, request) for request in work.asked]
        return run.finish(tasks, complete, spent, references, title or work.generator.info.name)


def _score_all(run: EvaluationSession, work: Production, progress: Progress) -> dict[str, Any]:
    """Make and score the missing clips; return time, memory and counts of the scoring."""
    missing = []
    for request in work.asked:
        if _is_scored(run, work, request):
            _delete(run, work, request)
            work.settled.add(request.id)
        else:
            missing.append(request)
    frames = work.foretell(request for request in missing if not work.has(request))
    progress.start(len(missing), frames)
    with _ScorerPool(run, min(run.workers, max(1, len(missing))), progress) as scorers:
        for request in missing:
            # A complete clip of an interrupted call is scored without making it again.
            if not work.has(request) and not work.tried(request):
                work.make(request)
            scorers.submit(_task(work, request), partial(_delete, run, work, request))
        scorers.wait()
    return scorers.work() | {"videos_kept": len(work.asked) - len(missing)}


class _ScorerPool:
    """Score videos in parallel to the thread that makes them, one video per worker."""

    def __init__(self, run: EvaluationSession, count: int, progress: Progress) -> None:
        self._scorers = [
            Scorer(run.tools, run.setting, run.folder, 1, progress) for _ in range(count)
        ]
        self._free: queue.Queue[Scorer] = queue.Queue()
        self._begun: list[Future[None]] = []
        self._opened = ExitStack()

    def submit(self, task: VideoTask, then: Callable[[], None]) -> None:
        """Wait for a free worker and give it a video."""
        scorer = self._free.get()
        # The error of an earlier video is raised here, not at the end.
        self._begun = [future for future in self._begun if not _is_done(future)]
        self._begun.append(self._threads.submit(self._run, scorer, task, then))

    def wait(self) -> None:
        """Wait for all videos."""
        for future in self._begun:
            future.result()

    def work(self) -> dict[str, Any]:
        """Return time, memory and counts of the scoring."""
        each = [scorer.work() for scorer in self._scorers]
        most = {"worker_peak_bytes"}
        sums = {key: (max if key in most else sum)(one[key] for one in each) for key in each[0]}
        return {"workers": len(each), **sums}

    def __enter__(self) -> _ScorerPool:
        for scorer in self._scorers:
            self._free.put(self._opened.enter_context(scorer))
        self._threads = self._opened.enter_context(ThreadPoolExecutor(len(self._scorers)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            for scorer in self._scorers:
                scorer.stop()
        self._opened.close()

    def _run(self, scorer: Scorer, task: VideoTask, then: Callable[[], None]) -> None:
        try:
            scorer.score([task])
            then()
        finally:
            self._free.put(scorer)


def _is_done(future: Future[None]) -> bool:
    """Return whether a job is done; raise its error."""
    if not future.done():
        return False
    future.result()
    return True


def _is_scored(run: EvaluationSession, work: Production, request: Request) -> bool:
    """Return whether a clip has a finished record, with or without its file."""
    entry = work.entry(request)
    if entry is None or entry.cost is None:
        return False
    task, tools = _task(work, request), run.tools
    path = item_path(run.folder, task.id)
    try:
        known = read_item(path).video if path.exists() else None
    except ConfigError:
        known = None
    if known is None:
        return False
    return known.sha256 is not None and bool(
        finished_item(
            run.folder,
            task.id,
            tools.identity.hash,
            known.sha256,
            tools.metrics,
            known.reference_sha256,
            task.manifest_sha256,
        )
    )


def _delete(run: EvaluationSession, work: Production, request: Request) -> None:
    """Delete a clip that was scored; a file in another folder is not ours."""
    entry = work.entry(request)
    if entry is None or not _is_scored(run, work, request):
        return
    if entry.path.absolute().parent == work.manifest.absolute().parent:
        entry.path.unlink(missing_ok=True)


def _task(work: Production, request: Request) -> VideoTask:
    folder = work.manifest.parent
    requested = ManifestEntry(path=folder / f"{request.id}.mp4", id=request.id)
    return tasks_from([work.entry(request) or requested], folder)[0]
