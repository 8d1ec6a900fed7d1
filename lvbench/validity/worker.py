"""Write the clip of one condition and score it, in a worker process."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.errors import LvbenchError
from lvbench.results.schema import ItemScore
from lvbench.validity.condition import Condition
from lvbench.validity.instruments import Instruments
from lvbench.validity.sources import Source
from lvbench.validity.trials import Measured, Size, Trial, TrialStore, without_series
from lvbench.validity.writing import start_of, write_clip


@dataclass(frozen=True, slots=True)
class Job:
    """A clip to make and score.

    Attributes:
        source: The source.
        condition: What is done to it.
        planting: Digest of all that makes the clip.
        metrics: Keys of the metrics that are needed.
    """

    source: Source
    condition: Condition
    planting: str
    metrics: tuple[str, ...]


@dataclass(slots=True)
class _State:
    store: TrialStore
    instruments: Instruments
    setting: Setting
    tools: dict[tuple[str, ...], Tools] = field(default_factory=dict)


_states: list[_State] = []


def begin(folder: Path, instruments: Instruments, setting: Setting) -> None:
    """Prepare a worker process; each uses one core, and ends when its parent does."""
    import cv2

    Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    _states[:] = [_State(TrialStore(folder), instruments, setting)]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def perform(job: Job) -> Trial:
    """Return the trial of a job with the new results alone, after adding them to its record."""
    (state,) = _states
    size = None
    try:
        scores, size = _scored(state, job)
    except Exception as error:
        detail = (
            str(error) if isinstance(error, LvbenchError) else f"{type(error).__name__}: {error}"
        )
        scores = failed(job, "not_planted", detail)
    return keep(state.store, job, state.instruments, scores, size)


def failed(job: Job, code: str, detail: str) -> dict[str, ItemScore]:
    """Return the scores of a clip that could not be made or scored."""
    return dict.fromkeys(job.metrics, ItemScore(status="failed", code=code, detail=detail))


def keep(
    store: TrialStore,
    job: Job,
    instruments: Instruments,
    scores: dict[str, ItemScore],
    size: Size | None = None,
) -> Trial:
    """Add scores to the record of a trial; return a trial of these alone."""
    new = {
        key: Measured(identity=instruments.identities[key], score=without_series(score))
        for key, score in scores.items()
    }
    condition = job.condition
    trial = Trial(
        source=job.source.name,
        sha256=job.source.sha256,
        kind=condition.kind,
        name=condition.name,
        dose=condition.dose,
        base=condition.base,
        planting=job.planting,
        start=start_of(job.source, condition),
        size=size,
        scores=new,
    )
    earlier = store.read(job.source.name, condition, job.planting)
    kept = {} if earlier is None else earlier.scores
    store.write(trial.model_copy(update={"scores": kept | new}))
    return trial


def _scored(state: _State, job: Job) -> tuple[dict[str, ItemScore], Size | None]:
    """Return the scores of a job's metrics alone, and the size of the clip."""
    with tempfile.TemporaryDirectory(prefix="lvbench-") as name:
        folder = Path(name)
        entry = write_clip(job.source, job.condition, folder)
        (task,) = tasks_from([entry], folder)
        record = score_video(task, _tools(state, job.metrics)).record
    video = record.video
    size: Size | None = None
    if video.frames and video.height and video.width and video.fps:
        size = (video.frames, video.height, video.width, video.fps)
    return {key: record.metrics[key] for key in job.metrics}, size


def _tools(state: _State, keys: tuple[str, ...]) -> Tools:
    if keys not in state.tools:
        state.tools[keys] = build_tools(state.instruments.only(keys), state.setting)
    return state.tools[keys]
