"""Begin and finish an evaluation, of existing videos or of videos that are being generated."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.neighbours import write_neighbours
from lvbench.engine.aggregation.real_set import RealSet, shipped_real_set
from lvbench.engine.aggregation.write_run import write_run
from lvbench.engine.chosen import chosen_protocol
from lvbench.engine.left_out import by_reason
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.progress import Progress
from lvbench.environment import environment, usable_cores
from lvbench.features.feature_set import RealSetStatistics
from lvbench.protocol.load import protocol_path
from lvbench.protocol.schema import Protocol
from lvbench.results.equal import equal_lines
from lvbench.results.files import append
from lvbench.results.journal import item_path
from lvbench.results.run import Run, read_item
from lvbench.results.schema import LeftOutRecord
from lvbench.video import intake


@dataclass(frozen=True, slots=True)
class EvaluationSession:
    """An evaluation under way: everything that does not depend on its videos.

    Attributes:
        protocol: The protocol.
        tools: Metrics and extractors of the protocol.
        setting: Where weights are and networks run.
        folder: The run folder.
        workers: Worker processes at most.
        real_set: The real videos that sets are compared with, if any.
        started: Time of the start, on the clocks of the machine and of this process.
    """

    protocol: Protocol
    tools: Tools
    setting: Setting
    folder: Path
    workers: int
    real_set: RealSet | None
    started: tuple[float, os.times_result]

    @classmethod
    def begin(
        cls,
        protocol: str | Protocol,
        out: str | Path,
        *,
        workers: int | None,
        real: str | Path | None,
        weights: str | Path | None,
        device: str,
    ) -> EvaluationSession:
        """Return a session whose tools are built; the arguments are those of `evaluate`."""
        started = time.perf_counter(), os.times()
        chosen = chosen_protocol(protocol)
        own = protocol_path(protocol).parent if isinstance(protocol, str) else None
        real_set = shipped_real_set(chosen, own) if real is None else RealSet(Path(real))
        setting = Setting(
            weights=None if weights is None else str(Path(weights).absolute()),
            device=device,
            real=None if real_set is None else real_set.digest,
        )
        tools, count = build_tools(chosen, setting), workers or usable_cores()
        return cls(chosen, tools, setting, Path(out), count, real_set, started)

    def references(self, progress: Progress) -> Mapping[str, RealSetStatistics]:
        """Return the real set's features, computed or stored; empty without a real set."""
        if self.real_set is None:
            return {}
        return self.real_set.references(
            self.tools, self.setting, self.folder, self.workers, progress
        )

    def left_out(self, found: Iterable[intake.LeftOut] = ()) -> list[LeftOutRecord]:
        """Return the records of the files left out, those of the real set included."""
        real = () if self.real_set is None else self.real_set.left_out
        return by_reason(found) + by_reason(real, real=True)

    def finish(
        self,
        tasks: Sequence[VideoTask],
        complete: int,
        work: Mapping[str, Any],
        references: Mapping[str, RealSetStatistics],
        title: str,
        left_out: Sequence[LeftOutRecord] = (),
    ) -> Run:
        """Aggregate the item records and write the run.

        Args:
            tasks: The videos, each with its record.
            complete: Number of videos of a complete run.
            work: Time, memory and counts of the scoring.
            references: The real set's features.
            title: Title of the run.
            left_out: Files that were left out.
        """
        folder, tools = self.folder, self.tools
        items = [read_item(item_path(folder, task.id)).without_curves() for task in tasks]
        sets = feature_sets(tools, folder, items)
        scores = aggregate(tools, items, sets, references)
        if equal := equal_lines(items):
            append(folder / "log.txt", "".join(f"lvbench: {line}\n" for line in equal))
        if self.real_set is not None:
            write_neighbours(folder, tools, tasks, self.real_set.files, sets, references)
        return write_run(
            folder,
            self.protocol,
            tools.identity,
            items,
            scores,
            complete=complete,
            title=title,
            environment=environment() | {"device": self.setting.device},
            timing=self._timing() | dict(work),
            left_out=left_out,
        )

    def _timing(self) -> dict[str, Any]:
        (clock, spent), after = self.started, os.times()
        return {
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock, 3),
            "cpu_seconds": round(sum(after[:4]) - sum(spent[:4]), 3),
        }
