"""Judge a generator's clips as they are made, and keep no more of them than is being judged."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from lvbench.engine.evaluate import claim_run
from lvbench.engine.session import EvaluationSession
from lvbench.engine.video_pass.task import VideoTask, tasks_from
from lvbench.engine.workers.progress import Progress, Silent
from lvbench.engine.workers.scoring import Scorer
from lvbench.errors import ConfigError
from lvbench.generators.contract.requests import requests
from lvbench.generators.contract.types import Request
from lvbench.generators.production.produce import Production
from lvbench.protocol.load import protocol_path
from lvbench.protocol.schema import Protocol
from lvbench.results.folder_lock import held
from lvbench.results.journal import finished_item, item_path
from lvbench.results.run import Run, read_item
from lvbench.results.shard import Shard, claim_shard
from lvbench.video.manifest.entry import ManifestEntry


def evaluate_as_made(
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
    """Have a generator make a protocol's clips, judge each while the next is made, delete it.

    A clip lies on disk, lossless, until its record is written; so the numbers are those of files
    that are kept. At most one clip (or batch, where the generator makes such) more than there are
    workers lies there at a time. A clip whose file could not be judged stays. Run it again after
    an interruption: what was judged is kept.

    Args:
        generator: The generator, `name` or `name:argument`.
        out: Run folder to write, or to resume.
        protocol: A protocol with prompts: its name, `name@version`, file, or object.
        workers: Worker processes that judge; the number of cores if left out.
        limit: Only the first so many clips, by id; the run is then partial.
        title: Name of what is judged; the generator's if left out.
        real: As for `evaluate`.
        weights: As for `evaluate`.
        device: Where the networks of metrics run.
        progress: Where to tell how far it is.
        shard: Only this part of the clips; `lvbench merge` unites the parts.

    Raises:
        ConfigError: The protocol has no prompts, or `out` holds another run, or another process
            is writing there.
        LvbenchError: The generator can serve none of the requests.
        StorageError: A result cannot be written.
    """
    run = EvaluationSession.begin(
        protocol, out, workers=workers, real=real, weights=weights, device=device
    )
    beside = protocol_path(protocol).parent if isinstance(protocol, str) else None
    with held(run.folder):
        folder = run.folder / "videos"
        work = Production(
            generator, run.protocol, folder, limit=limit, protocol_folder=beside, shard=shard
        )
        assert run.protocol.prompts is not None
        wanted = len(requests(run.protocol.prompts, beside))
        claim_run(run.folder, run.tools, [_task(work, request) for request in work.asked])
        claim_shard(run.folder, shard, work.plan, wanted)
        with progress or Silent() as progress:
            spent = _judge_all(run, work, progress)
            references = run.references(progress)
        tasks = [_task(work, request) for request in work.asked]
        return run.conclude(tasks, wanted, spent, references, title or work.generator.info.name)


def _judge_all(run: EvaluationSession, work: Production, progress: Progress) -> dict[str, Any]:
    """Make and judge what is wanting; return what judging took."""
    wanting = []
    for request in work.asked:
        if _judged(run, work, request):
            _delete(run, work, request)
            work.settled.add(request.id)
        else:
            wanting.append(request)
    frames = work.preflight(request for request in wanting if not work.has(request))
    progress.start(len(wanting), frames)
    with _Judges(run, min(run.workers, max(1, len(wanting))), progress) as judges:
        for request in wanting:
            # A clip that an interrupted call left whole is judged as it is.
            if not work.has(request) and not work.tried(request):
                work.make(request)
            judges.judge(_task(work, request), partial(_delete, run, work, request))
        judges.finish()
    return judges.work() | {"videos_kept": len(work.asked) - len(wanting)}


class _Judges:
    """Judge videos beside the thread that makes them, each worker one at a time."""

    def __init__(self, run: EvaluationSession, count: int, progress: Progress) -> None:
        self._scorers = [
            Scorer(run.tools, run.setting, run.folder, 1, progress) for _ in range(count)
        ]
        self._free: queue.Queue[Scorer] = queue.Queue()
        self._begun: list[Future[None]] = []
        self._held = ExitStack()

    def judge(self, task: VideoTask, then: Callable[[], None]) -> None:
        """Wait for a worker that is free, and have it judge a video."""
        scorer = self._free.get()
        # What went wrong with an earlier one is raised here, not at the very end.
        self._begun = [future for future in self._begun if not _over(future)]
        self._begun.append(self._threads.submit(self._run, scorer, task, then))

    def finish(self) -> None:
        """Wait for all that was begun."""
        for future in self._begun:
            future.result()

    def work(self) -> dict[str, Any]:
        """Return what judging took."""
        each = [scorer.work() for scorer in self._scorers]
        most = {"worker_peak_bytes"}
        sums = {key: (max if key in most else sum)(one[key] for one in each) for key in each[0]}
        return {"workers": len(each), **sums}

    def __enter__(self) -> _Judges:
        for scorer in self._scorers:
            self._free.put(self._held.enter_context(scorer))
        self._threads = self._held.enter_context(ThreadPoolExecutor(len(self._scorers)))
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
        self._held.close()

    def _run(self, scorer: Scorer, task: VideoTask, then: Callable[[], None]) -> None:
        try:
            scorer.score([task])
            then()
        finally:
            self._free.put(scorer)


def _over(future: Future[None]) -> bool:
    """Tell whether a job is done; raise what it raised."""
    if not future.done():
        return False
    future.result()
    return True


def _judged(run: EvaluationSession, work: Production, request: Request) -> bool:
    """Tell whether a clip's record stands, whether or not its file does."""
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
    """Delete a clip that was judged; what lies elsewhere is not ours."""
    entry = work.entry(request)
    if entry is None or not _judged(run, work, request):
        return
    if entry.path.absolute().parent == work.manifest.absolute().parent:
        entry.path.unlink(missing_ok=True)


def _task(work: Production, request: Request) -> VideoTask:
    folder = work.manifest.parent
    asked = ManifestEntry(path=folder / f"{request.id}.mp4", id=request.id)
    return tasks_from([work.entry(request) or asked], folder)[0]
