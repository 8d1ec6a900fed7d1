"""What every check of a run reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lvbench.engine.aggregation.recompute import tools_of
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.progress import Progress
from lvbench.environment import usable_cores
from lvbench.protocol.locked import Locked
from lvbench.results.schema import ItemRecord, RunRecord
from lvbench.verify.finding import RunFinding, VerifyResult
from lvbench.verify.read import RunFiles

SAMPLE = 10
"""Items that are recomputed by default."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Options of a verification.

    Attributes:
        sample: How many items to recompute; None for all.
        seed: Seed of the draw; None for one from the system's entropy.
        videos: Folder or manifest of the videos; None for the run's own folder `videos`.
        regenerate: Generator that makes the clips again which were not kept, `name` or
            `name:argument`. The verifier names it: nothing that a run names is executed.
        protocol: File of a protocol that does not ship with lvbench.
        real: The real set.
        setting: Where weights are and networks run.
        exact: Whether items must be equal to the last bit; None: where the run states that it was
            computed on a machine like this one.
        workers: Worker processes; None for one per core.
    """

    sample: int | None = SAMPLE
    seed: int | None = None
    videos: Path | None = None
    regenerate: str | None = None
    protocol: Path | None = None
    real: Path | None = None
    setting: Setting = field(default_factory=Setting)
    exact: bool | None = None
    workers: int | None = None


@dataclass(frozen=True)
class VerifyContext:
    """A run under verification.

    Attributes:
        result: The result so far; checks add notes and what could not be verified.
        files: The run folder.
        options: The verifier's options.
        progress: Receives the progress.
        record: Content of run.json.
        locked: The run's lock.
        items: The item records that can be read, sorted by id.
        broken: File stems of features that are missing, damaged or changed.
    """

    result: VerifyResult
    files: RunFiles
    options: VerifyOptions
    progress: Progress
    record: RunRecord
    locked: Locked
    items: list[ItemRecord]
    broken: set[str] = field(default_factory=set)

    @cached_property
    def tools(self) -> Tools:
        """Return metrics and extractors of the lock's protocol, with the networks installed here.

        Raises:
            LvbenchError: The protocol cannot run here.
        """
        return build_tools(self.locked.protocol, self.setting)

    @cached_property
    def lock_tools(self) -> Tools:
        """Return the lock's metrics that the items contain, without any network.

        Raises:
            LvbenchError: The lock names what this lvbench does not have.
        """
        return tools_of(self.locked, self.items)

    @property
    def setting(self) -> Setting:
        """Return where networks run, with the digest of the run's real set."""
        return self.options.setting.model_copy(update={"real": self.locked.identity.real})

    @property
    def workers(self) -> int:
        """Return the number of worker processes."""
        return self.options.workers or usable_cores()

    @property
    def protocol_folder(self) -> Path | None:
        """Return the folder of the verifier's protocol; None for a shipped protocol."""
        return None if self.options.protocol is None else self.options.protocol.parent


Check = Callable[[VerifyContext], Iterable[RunFinding]]
"""A check: yields where the run is wrong."""
