"""The features that lie beside a run's records, and the real set that they are compared with."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvbench.engine.aggregation.feature_sets import feature_sets, set_extractors
from lvbench.engine.aggregation.real_set import REAL_FOLDER, RealSet, shipped_real_set
from lvbench.engine.aggregation.recompute import tools_of
from lvbench.engine.video_pass.tools import Setting, Tools
from lvbench.engine.workers.progress import Progress
from lvbench.errors import ConfigError, LvbenchError, UsageError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.protocol.locked import Locked
from lvbench.protocol.schema import metric_key
from lvbench.results.files import canonical_json
from lvbench.results.journal import file_stem
from lvbench.results.real_set_file import real_set_from
from lvbench.results.schema import ItemRecord
from lvbench.results.unpacking import MOST_BYTES
from lvbench.verify.finding import Finding, Verification, found_in
from lvbench.verify.read import RunFiles

NO_REAL_FEATURES = "the features of the real set are not there; give --real"


@dataclass(frozen=True, slots=True)
class RealFeatures:
    """What a verifier has of the real set.

    Attributes:
        found: Its features, by extractor.
        missing: Why an extractor's could not be had, by extractor.
    """

    found: Mapping[str, RealSetStatistics] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def check_features(files: RunFiles, items: Sequence[ItemRecord]) -> Iterator[Finding]:
    """Yield the files of features that are not the ones that the item records name."""
    named = {f"{file_stem(i.video.id)}.npz": i for i in items if i.features_sha256 is not None}
    for name, item in sorted(named.items()):
        try:
            path = files.path(f"items/{name}", MOST_BYTES)
            yield from _held(path, f"items/{name}", item)
        except ConfigError as error:
            yield found_in(error)
    try:
        names = files.names("items", ".npz")
    except ConfigError:
        return  # said of its records already
    for name in names:
        if name not in named:
            yield Finding("features_stray", f"items/{name}", detail="no item record names it")


def _held(path: Path, where: str, item: ItemRecord) -> Iterator[Finding]:
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum != item.features_sha256:
        yield Finding("features_changed", where, "sha256", checksum, item.features_sha256)
        return
    try:
        with zipfile.ZipFile(path) as packed:
            # Kept without compression: what is compressed may unfold without end.
            stored = all(i.compress_type == zipfile.ZIP_STORED for i in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield Finding("file_invalid", where, detail=str(error))
        return
    if not stored:
        yield Finding("file_invalid", where, detail="compressed, which no file of features is")


def real_features(
    done: Verification,
    locked: Locked,
    files: RunFiles,
    items: Sequence[ItemRecord],
    real: Path | None,
    *,
    scratch: Path,
    tools: Tools,
    setting: Setting,
    workers: int,
    progress: Progress,
) -> RealFeatures:
    """Return the real set's features by extractor, and which of them cannot be had here.

    The verifier's own real set comes first, then the one that ships with the protocol, then the
    features that lie in the run folder, which nothing but the run vouches for.

    Args:
        done: The verification, which gets a finding or a note.
        locked: The run's lock.
        files: The run folder.
        items: The run's item records.
        real: The verifier's real set.
        scratch: Folder for the features of its videos.
        tools: Metrics and extractors, as they are here.
        setting: Where networks run.
        workers: Worker processes.
        progress: Where to tell how far it is.

    Raises:
        UsageError: There is nothing at `real`.
    """
    wanted = locked.identity.real
    if wanted is None:
        return RealFeatures()
    needed = set_extractors(tools_of(locked, items))
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
            return _kept(done, locked, files, wanted, needed)
        if found.statistics is not None:
            return RealFeatures(found.references(tools, setting, scratch, workers, progress))
        missing = {
            name: f"{name} cannot run here as it ran there, and the real set's features need it"
            for name in needed
            if name not in tools.extractors or name in other_weights(tools, locked)
        }
        if set(needed) <= missing.keys():
            return RealFeatures({}, missing)
        references = found.references(tools, setting, scratch, workers, progress)
        own = {name: one for name, one in references.items() if name not in missing}
        return RealFeatures(own, missing)
    except UsageError:
        raise
    except LvbenchError as error:
        return RealFeatures({}, dict.fromkeys(needed, f"{error.found}; {error.fix}"))


def other_weights(tools: Tools, locked: Locked) -> set[str]:
    """Return the extractors whose weights here are not those that the lock states."""
    ours, theirs = tools.identity.extractors, locked.identity.extractors
    return {
        name
        for name in ours
        if (theirs.get(name) or {}).get("weights") != (ours[name] or {}).get("weights")
    }


def out_of_reach(
    locked: Locked,
    items: Sequence[ItemRecord],
    scores: Iterable[str],
    sets: Mapping[str, FeatureSet],
    real: RealFeatures,
) -> dict[str, str]:
    """Return the scores of whole sets that cannot be recomputed here, each with the reason."""
    metrics = tools_of(locked, items).set_metrics
    found = {}
    for key in scores:
        metric = metrics[metric_key(key)]
        name = metric.needs[0]
        if name not in sets:
            found[key] = f"the features of {name} were not read: they are missing or damaged"
        elif name in real.missing and metric.reads_real(key):
            found[key] = real.missing[name]
    return found


def _kept(
    done: Verification, locked: Locked, files: RunFiles, wanted: str, needed: Sequence[str]
) -> RealFeatures:
    """Return the real videos' features that lie in the run folder."""
    nothing = RealFeatures({}, dict.fromkeys(needed, NO_REAL_FEATURES))
    names = files.names(f"{REAL_FOLDER}/items", ".json")
    if not names:
        return nothing
    try:
        items = [files.record(ItemRecord, f"{REAL_FOLDER}/items/{name}") for name in names]
        items.sort(key=lambda item: item.video.id)
        bad = list(check_features(RunFiles(files.folder / REAL_FOLDER), items))
    except ConfigError as error:
        done.refuse(error)
        return nothing
    told = [[item.video.id, item.video.sha256] for item in items]
    digest = hashlib.sha256(canonical_json(told).encode()).hexdigest()
    if digest != wanted:
        bad.append(Finding("real_set_differs", REAL_FOLDER, "sha256", wanted, digest))
    if bad:
        done.take(bad)
        return nothing
    done.notes.append(
        "the real set's features are those in the run folder; give --real to compute them afresh"
    )
    sets = feature_sets(tools_of(locked, items), files.folder / REAL_FOLDER, items)
    # As evaluation does: an extractor that gave no features of any real video has no reference.
    return RealFeatures(
        {name: real_set_from(own, REAL_FOLDER, {}) for name, own in sets.items() if own.videos}
    )


def set_keys(tools: Tools, scores: Iterable[str]) -> list[str]:
    """Return the keys of scores of whole sets."""
    return [key for key in scores if metric_key(key) in tools.set_metrics]
