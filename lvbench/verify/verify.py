"""Verify a run: its aggregates from its items, and its items from the videos."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lvbench import __version__
from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.recompute import (
    expected_videos,
    recompute_scores,
    tools_of,
)
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.progress import Progress, SilentProgress
from lvbench.environment import made_by, usable_cores
from lvbench.errors import ConfigError, LvbenchError, UsageError
from lvbench.features.feature_set import FeatureSet
from lvbench.protocol.identity import signature_line
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import Locked, parse_lock
from lvbench.protocol.schema import metric_key
from lvbench.results.journal import file_stem
from lvbench.results.schema import ItemRecord, RunRecord
from lvbench.verify.finding import RunFinding, Unverified, VerifyResult, error_finding
from lvbench.verify.items import same_machine, verify_items
from lvbench.verify.lock import check_lock, released_protocol, too_costly
from lvbench.verify.prompts import check_prompts
from lvbench.verify.read import RunFiles
from lvbench.verify.regenerate import regenerate_clips
from lvbench.verify.sample import draw, fresh_seed
from lvbench.verify.scores import (
    ACROSS_MACHINES,
    check_header,
    check_identities,
    check_scores,
)
from lvbench.verify.sets import (
    RealFeatures,
    check_features,
    out_of_reach,
    real_features,
    set_keys,
)
from lvbench.verify.tables import check_manifest, check_tables
from lvbench.verify.videos import check_all_scored, locate_videos

SAMPLE = 10
"""Items that are recomputed where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What a verifier brings along.

    Attributes:
        sample: How many items are judged afresh; None for all.
        seed: Seed of the draw; None for one from the system's entropy.
        videos: Folder or manifest of the videos; None for the run's own folder `videos`.
        regenerate: The generator that makes clips anew which were not kept, `name` or
            `name:argument`. It is the verifier's word: nothing that a run names is executed.
        protocol: File of a protocol that does not ship with lvbench.
        real: The real set.
        setting: Where weights lie and networks run.
        exact: Whether items must be the same to the last bit; None for where the run says that
            it was computed on a machine like this one.
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


def verify(
    folder: str | Path, options: VerifyOptions | None = None, progress: Progress | None = None
) -> VerifyResult:
    """Return what differs between a run and what its items, lock and videos make of it.

    Nothing is written into the run folder. Whatever is wrong with it becomes a finding.

    Args:
        folder: The run folder.
        options: What the verifier brings along.
        progress: Where to tell how far it is.

    Raises:
        UsageError: There is no run, no video or no protocol where one was named.
    """
    options, path = options or VerifyOptions(), Path(folder)
    path = path.parent if path.name == "run.json" else path
    if not (path / "run.json").exists():
        raise UsageError(
            "verify a run",
            found="there is no run.json",
            where=str(path),
            fix="give the folder that 'lvbench evaluate --out' wrote",
        )
    done = VerifyResult(path)
    files = RunFiles(path)
    items = _items(files, done)
    done.videos = len(items)
    known = _known(files, done, options)
    if known is None:
        return done
    record, locked = known
    done.protocol = f"{locked.protocol.name} v{locked.protocol.version}"
    done.signature, done.signed = record.signature, signature_line(record)
    with progress or SilentProgress() as told:
        _Verifying(done, files, record, locked, items, options, told).all()
    return done


@dataclass(frozen=True, slots=True)
class _Verifying:
    """A verification under way, its run read."""

    done: VerifyResult
    files: RunFiles
    record: RunRecord
    locked: Locked
    items: list[ItemRecord]
    options: VerifyOptions
    progress: Progress

    def all(self) -> None:
        """Add all findings."""
        done, items = self.done, self.items
        made = made_by(self.record.environment)
        if made != __version__:
            done.notes.append(f"the run was made by lvbench {made}, this is {__version__}")
        done.take(check_header(self.record, self.locked, items))
        done.take(check_identities(items, self.locked))
        own = self.locked.protocol
        done.take(check_prompts(self.record, own, items, done.notes, self._beside))
        done.take(check_manifest(self.files, items))
        done.take(check_tables(self.files, items))
        broken = list(check_features(self.files, items))
        done.take(broken)
        if too_costly(self.locked):
            return
        setting = self.options.setting.model_copy(update={"real": self.locked.identity.real})
        try:
            tools = build_tools(self.locked.protocol, setting)
        except LvbenchError as error:
            reason = f"{error.found}; {error.fix}"
            done.unverifiable.append(Unverified("scores and items", error.code, reason))
            return
        exact = self.options.exact
        same = same_machine(self.record.environment, tools, self.options.setting)
        done.exact = same if exact is None else exact
        self._scores(tools, setting, broken)
        self._items(tools, setting, {Path(finding.where).stem for finding in broken})

    def _scores(self, tools: Tools, setting: Setting, broken: Sequence[RunFinding]) -> None:
        """Compare the aggregates with those that the items give.

        What the items hold decides, and not which networks are here: aggregation needs none.
        """
        done, locked = self.done, self.locked
        try:
            # Numbers made to overflow are findings, not warnings on the terminal.
            with np.errstate(all="ignore"), tempfile.TemporaryDirectory() as scratch:
                own = tools_of(locked, self.items)
                whole = set_keys(own, self.record.scores)
                wanted = bool(whole and not broken)
                sets, real = self._sets(tools, setting, wanted, Path(scratch))
                found = recompute_scores(self.items, locked, sets=sets, references=real.found)
        except UsageError:
            raise
        except Exception as error:  # whatever hostile numbers do to the arithmetic
            detail = f"{type(error).__name__}: {error}"[:300]
            done.take([RunFinding("scores_unfounded", "run.json", "scores", detail=detail)])
            return
        stated = [key for key in whole if self.record.scores[key].status != "unavailable"]
        lost = out_of_reach(locked, self.items, stated, sets, real)
        for reason in dict.fromkeys(lost.values()):
            keys = ", ".join(key for key, why in lost.items() if why == reason)
            done.unverifiable.append(Unverified(keys, "features_missing", reason))
        tolerances = {} if done.exact else dict.fromkeys(self.record.scores, ACROSS_MACHINES)
        if not done.exact:
            tolerances |= {key: own.metrics[metric_key(key)].info.tolerance for key in whole}
        done.take(check_scores(self.record.scores, found, list(lost), tolerances, whole))

    def _sets(
        self, tools: Tools, setting: Setting, wanted: bool, scratch: Path
    ) -> tuple[Mapping[str, FeatureSet], RealFeatures]:
        """Return the features of the videos and of the real set."""
        if not wanted:
            return {}, RealFeatures()
        real = real_features(
            self.done,
            self.locked,
            self.files,
            self.items,
            self.options.real,
            scratch=scratch,
            tools=tools,
            setting=setting,
            workers=self._workers,
            progress=self.progress,
        )
        return feature_sets(tools_of(self.locked, self.items), self.files.folder, self.items), real

    def _items(self, tools: Tools, setting: Setting, broken: Collection[str]) -> None:
        """Compare the items with what their videos give; broken features are not read again."""
        done, options = self.done, self.options
        if options.sample == 0:
            done.notes.append("no item was recomputed: none was asked for")
            return
        by_id = {
            item.video.id: item.model_copy(update={"features_sha256": None})
            if file_stem(item.video.id) in broken
            else item
            for item in self.items
        }
        if options.sample is None:
            done.drawn = sorted(by_id)
        else:
            done.seed = fresh_seed() if options.seed is None else options.seed
            done.drawn = draw(by_id, options.sample, done.seed)
        with tempfile.TemporaryDirectory(prefix="lvbench-clips-") as scratch:
            videos = options.videos
            if options.regenerate is not None:
                videos = regenerate_clips(
                    options.regenerate,
                    self.locked.protocol,
                    self.files,
                    done,
                    Path(scratch),
                    self._beside,
                )
            anew = options.regenerate is not None
            found = locate_videos(done.folder, self.items, videos, regenerated=anew)
            done.take(found.findings)
            done.take(check_all_scored(found.others, len(by_id), expected_videos(self.record)))
            drawn = set(done.drawn)
            done.unverifiable += [one for one in found.unverifiable if one.what in drawn]
            tasks = [found.tasks[name] for name in done.drawn if name in found.tasks]
            if tasks:
                verify_items(
                    done,
                    self.locked,
                    by_id,
                    tasks,
                    tools=tools,
                    setting=setting,
                    workers=self._workers,
                    progress=self.progress,
                    regenerated=anew,
                )

    @property
    def _beside(self) -> Path | None:
        return None if self.options.protocol is None else self.options.protocol.parent

    @property
    def _workers(self) -> int:
        return self.options.workers or usable_cores()


def _items(files: RunFiles, done: VerifyResult) -> list[ItemRecord]:
    """Return the item records that can be read, sorted by id; what cannot is a finding."""
    found: dict[str, ItemRecord] = {}
    try:
        names = files.names("items", ".json")
    except ConfigError as error:
        done.refuse(error)
        return []
    for name in names:
        try:
            item = files.record(ItemRecord, f"items/{name}")
        except ConfigError as error:
            done.take([error_finding(error)])
            continue
        wanted = f"{file_stem(item.video.id)}.json"
        if name != wanted:
            detail = f"it holds the record of {item.video.id}, whose file is {wanted}"
            done.take([RunFinding("item_misplaced", f"items/{name}", detail=detail)])
            continue
        found[item.video.id] = item
    return [found[name] for name in sorted(found)]


def _known(
    files: RunFiles, done: VerifyResult, options: VerifyOptions
) -> tuple[RunRecord, Locked] | None:
    """Return the run's record and lock; None, with findings, where either cannot be read."""
    try:
        record = files.record(RunRecord, "run.json")
        text = files.text(LOCK_FILE)
        locked = parse_lock(text, draft=record.protocol.draft)
    except ConfigError as error:
        done.refuse(error)
        return None
    released = released_protocol(record.protocol, options.protocol)
    if released is None:
        name = f"{record.protocol.name} v{record.protocol.version}"
        done.notes.append(
            f"{name} does not ship with this lvbench, so its lock was held against no protocol; "
            "give --protocol FILE"
        )
    done.take(check_lock(locked, record.protocol, released))
    return record, locked
