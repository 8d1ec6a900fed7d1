"""Check the features of a run, and find those of the real set that they are compared with."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvbench.engine.aggregation.feature_sets import feature_sets, set_extractors
from lvbench.engine.aggregation.real_set import (
    REAL_FOLDER,
    RealSet,
    real_set_digest,
    shipped_real_set,
)
from lvbench.engine.aggregation.recompute import tools_of
from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import ConfigError, LvbenchError, UsageError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.protocol.locked import Locked
from lvbench.protocol.schema import metric_key
from lvbench.results.journal import file_stem
from lvbench.results.real_set_file import real_set_from
from lvbench.results.schema import ItemRecord
from lvbench.results.unpacking import MOST_BYTES
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding, error_finding
from lvbench.verify.read import RunFiles

NO_REAL_FEATURES = "the features of the real set are not there; give --real"


@dataclass(frozen=True, slots=True)
class RealFeatures:
    """Features of the real set.

    Attributes:
        found: Features by extractor.
        missing: Reason for each extractor whose features are missing.
    """

    found: Mapping[str, RealSetStatistics] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def check_features(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield the files of features that are not those that the item records name."""
    for finding in _check_files(context.files, context.items):
        context.broken.add(Path(finding.where).stem)
        yield finding


def _check_files(files: RunFiles, items: Sequence[ItemRecord]) -> Iterator[RunFinding]:
    named = {f"{file_stem(i.video.id)}.npz": i for i in items if i.features_sha256 is not None}
    for name, item in sorted(named.items()):
        try:
            path = files.path(f"items/{name}", MOST_BYTES)
            yield from _check_file(path, f"items/{name}", item)
        except ConfigError as error:
            yield error_finding(error)
    try:
        names = files.names("items", ".npz")
    except ConfigError:
        return  # a finding of its records already
    for name in names:
        if name not in named:
            yield RunFinding("features_stray", f"items/{name}", detail="no item record names it")


def _check_file(path: Path, where: str, item: ItemRecord) -> Iterator[RunFinding]:
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum != item.features_sha256:
        yield RunFinding("features_changed", where, "sha256", checksum, item.features_sha256)
        return
    try:
        with zipfile.ZipFile(path) as packed:
            # Stored without compression: a compressed member may expand without end.
            stored = all(i.compress_type == zipfile.ZIP_STORED for i in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield RunFinding("file_invalid", where, detail=str(error))
        return
    if not stored:
        yield RunFinding("file_invalid", where, detail="compressed, which no file of features is")


def real_features(context: VerifyContext, scratch: Path) -> RealFeatures:
    """Return the real set's features by extractor, and which of them are missing here.

    The verifier's own real set comes first, then the one that ships with the protocol, then the
    features in the run folder, which nothing but the run itself supports.

    Args:
        context: The run; its result gets findings and notes.
        scratch: Folder for the features of the real videos.

    Raises:
        UsageError: There is nothing at the verifier's path of the real set.
    """
    locked, tools, real = context.locked, context.tools, context.options.real
    wanted = locked.identity.real
    if wanted is None:
        return RealFeatures()
    needed = set_extractors(context.lock_tools)
    given = None if real is None else RealSet(real)
    if given is not None and given.digest != wanted:
        reason = (
            f"the run was compared with another real set ({wanted[:12]}) than the one given "
            f"({given.digest[:12]})"
        )
        return RealFeatures({}, dict.fromkeys(needed, reason))
    try:
        found = given or shipped_real_set(locked.protocol)
        if found is None or found.digest != wanted:
            return _from_run(context, wanted, needed)
        work = tools, context.setting, scratch, context.workers, context.progress
        if found.statistics is not None:
            return RealFeatures(found.references(*work))
        missing = {
            name: f"{name} cannot run here as it ran there, and the real set's features need it"
            for name in needed
            if name not in tools.extractors or name in other_weights(tools, locked)
        }
        if set(needed) <= missing.keys():
            return RealFeatures({}, missing)
        references = found.references(*work)
        own = {name: one for name, one in references.items() if name not in missing}
        return RealFeatures(own, missing)
    except UsageError:
        raise
    except LvbenchError as error:
        return RealFeatures({}, dict.fromkeys(needed, f"{error.found}; {error.fix}"))


def other_weights(tools: Tools, locked: Locked) -> set[str]:
    """Return the extractors whose weights here differ from those in the lock."""
    ours, theirs = tools.identity.extractors, locked.identity.extractors
    return {
        name
        for name in ours
        if (theirs.get(name) or {}).get("weights") != (ours[name] or {}).get("weights")
    }


def out_of_reach(
    tools: Tools, scores: Iterable[str], sets: Mapping[str, FeatureSet], real: RealFeatures
) -> dict[str, str]:
    """Return the set metrics' scores that cannot be recomputed here, each with the reason."""
    metrics = tools.set_metrics
    found = {}
    for key in scores:
        metric = metrics[metric_key(key)]
        name = metric.needs[0]
        if name not in sets:
            found[key] = f"the features of {name} were not read: they are missing or damaged"
        elif name in real.missing and metric.reads_real(key):
            found[key] = real.missing[name]
    return found


def _from_run(context: VerifyContext, wanted: str, needed: Sequence[str]) -> RealFeatures:
    """Return the real videos' features in the run folder."""
    files, result = context.files, context.result
    nothing = RealFeatures({}, dict.fromkeys(needed, NO_REAL_FEATURES))
    names = files.names(f"{REAL_FOLDER}/items", ".json")
    if not names:
        return nothing
    try:
        items = [files.record(ItemRecord, f"{REAL_FOLDER}/items/{name}") for name in names]
        items.sort(key=lambda item: item.video.id)
        bad = list(_check_files(RunFiles(files.folder / REAL_FOLDER), items))
    except ConfigError as error:
        result.refuse(error)
        return nothing
    digest = real_set_digest((item.video.id, item.video.sha256) for item in items)
    if digest != wanted:
        bad.append(RunFinding("real_set_differs", REAL_FOLDER, "sha256", wanted, digest))
    if bad:
        result.take(bad)
        return nothing
    result.notes.append(
        "the real set's features are those in the run folder; give --real to compute them again"
    )
    sets = feature_sets(tools_of(context.locked, items), files.folder / REAL_FOLDER, items)
    # As in evaluation: an extractor without features of any real video has no reference.
    return RealFeatures(
        {name: real_set_from(own, REAL_FOLDER, {}) for name, own in sets.items() if own.videos}
    )


def set_keys(tools: Tools, scores: Iterable[str]) -> list[str]:
    """Return the keys of set metrics' scores."""
    return [key for key in scores if metric_key(key) in tools.set_metrics]
