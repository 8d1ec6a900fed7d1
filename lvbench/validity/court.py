"""Try metrics: plant everything in every source, score each clip once, keep a record of each."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice

from lvbench.engine.video_pass.tools import Setting
from lvbench.validity.instruments import Instruments
from lvbench.validity.planting import Conditions, Planned, plan
from lvbench.validity.sources import Source
from lvbench.validity.trials import Trial, TrialStore, lacking
from lvbench.validity.worker import Job, begin, failed, keep, perform
from lvbench.validity.writing import digest_of

Report = Callable[["Progress"], None]
_AHEAD = 2  # jobs that wait for each worker


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a validation is.

    Attributes:
        done: Clips that were scored.
        total: Clips to score; those that an earlier run scored do not count.
        failed: Clips on which a metric failed.
        seconds: Time so far.
    """

    done: int
    total: int
    failed: int
    seconds: float

    @property
    def left(self) -> float:
        """Return the estimated time left, in seconds."""
        return self.seconds / self.done * (self.total - self.done) if self.done else 0.0


@dataclass(frozen=True, slots=True)
class Court:
    """A validation: which metrics are tried, on which sources, under which conditions.

    Attributes:
        instruments: The metrics.
        sources: The sources.
        conditions: What is done to them.
        store: Where the trials are kept.
    """

    instruments: Instruments
    sources: Sequence[Source]
    conditions: Conditions
    store: TrialStore

    def planned(self) -> Iterator[tuple[Source, Planned]]:
        """Yield every condition of every source."""
        declarations = {key: self.instruments.declarations[key] for key in self.instruments.keys}
        for source in self.sources:
            for one in plan(self.conditions, declarations, source.needs):
                yield source, one

    def trials(self) -> Iterator[Trial]:
        """Yield the trials that were done, without results of metrics that changed since."""
        identities = self.instruments.identities
        for source, one in self.planned():
            planting = digest_of(source, one.condition)
            trial = self.store.read(source.name, one.condition, planting)
            if trial is not None:
                current = {
                    key: found
                    for key, found in trial.scores.items()
                    if identities.get(key) == found.identity
                }
                yield trial.model_copy(update={"scores": current})

    def jobs(self) -> list[Job]:
        """Return the clips that must be scored, each with the metrics that it lacks."""
        found, runnable = [], self.instruments.runnable
        for source, one in self.planned():
            planting = digest_of(source, one.condition)
            trial = self.store.read(source.name, one.condition, planting)
            wanted = {
                key: self.instruments.identities[key]
                for key in runnable
                if not one.metrics or key in one.metrics
            }
            missing = lacking(trial, wanted)
            if missing:
                found.append(Job(source, one.condition, planting, tuple(missing)))
        return found

    def run(self, *, setting: Setting, workers: int, report: Report = lambda _: None) -> Progress:
        """Score what is missing; a metric or clip that fails is recorded with its reason.

        Args:
            setting: Where weights are and networks run.
            workers: Processes.
            report: Called after each clip.
        """
        jobs = self.jobs()
        started, failed = time.monotonic(), 0
        progress = Progress(0, len(jobs), 0, 0.0)
        for done, trial in enumerate(self._performed(jobs, setting, workers), 1):
            failed += any(one.score.status == "failed" for one in trial.scores.values())
            progress = Progress(done, len(jobs), failed, time.monotonic() - started)
            report(progress)
        return progress

    def _performed(self, jobs: list[Job], setting: Setting, workers: int) -> Iterator[Trial]:
        """Yield trials as they are done; a job that may have ended its process is tried alone."""
        suspects: list[Job] = []
        waiting = iter(jobs)
        broken = True
        while broken:
            lost: list[Job] = []
            yield from self._in_pool(waiting, setting, workers, lost)
            suspects += lost
            broken = bool(lost)
        for job in suspects:
            alone: list[Job] = []
            yield from self._in_pool(iter([job]), setting, 1, alone)
            if alone:
                scores = failed(job, "worker_died", "the process that scored it ended")
                yield keep(self.store, job, self.instruments, scores)

    def _in_pool(
        self, jobs: Iterator[Job], setting: Setting, workers: int, lost: list[Job]
    ) -> Iterator[Trial]:
        """Yield trials until the jobs or the pool end; `lost` gets the jobs of a broken pool."""
        context = multiprocessing.get_context("spawn")
        arguments = (self.store.folder.parent, self.instruments, setting)
        running: dict[Future[Trial], Job] = {}
        with ProcessPoolExecutor(workers, context, begin, arguments) as pool:
            try:
                while True:
                    for job in islice(jobs, workers * _AHEAD - len(running)):
                        lost.append(job)
                        running[pool.submit(perform, job)] = job
                        lost.pop()
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        lost.append(running.pop(future))
                        trial = future.result()
                        lost.pop()
                        yield trial
            except BrokenProcessPool:
                lost += running.values()
