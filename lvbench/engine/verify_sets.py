"""The features that lie beside a run's records, and the real set that they are compared with."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lvbench.engine.feature_sets import feature_sets
from lvbench.engine.finding import Finding, Verification, found_in
from lvbench.engine.progress import Progress
from lvbench.engine.real_set import REAL_FOLDER, RealSet, shipped_real_set
from lvbench.engine.recompute import tools_of
from lvbench.engine.tools import Setting, Tools
from lvbench.engine.verify_read import RunFiles
from lvbench.errors import ConfigError
from lvbench.features.feature_set import FeatureSet, Reference
from lvbench.metrics.sets import SetMetric
from lvbench.protocol.locked import Locked
from lvbench.results.files import canonical_json
from lvbench.results.journal import file_stem
from lvbench.results.reference import reference_from
from lvbench.results.schema import ItemRecord
from lvbench.results.unpacking import MOST_BYTES


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


def sets_of(locked: Locked, folder: Path, items: Sequence[ItemRecord]) -> Mapping[str, FeatureSet]:
    """Return the features of a run's videos, by extractor; see `feature_sets`."""
    return feature_sets(tools_of(locked, items), folder, items)


def references_for(
    done: Verification,
    locked: Locked,
    files: RunFiles,
    real: Path | None,
    *,
    scratch: Path,
    tools: Tools,
    setting: Setting,
    workers: int,
    telling: Progress,
) -> Mapping[str, Reference] | None:
    """Return the real set's features by extractor; None where they cannot be had.

    The verifier's own real set comes first, then the one that ships with the protocol, then the
    features that lie in the run folder, which nothing but the run vouches for.

    Args:
        done: The verification, which gets a finding or a note.
        locked: The run's lock.
        files: The run folder.
        real: The verifier's real set.
        scratch: Folder for the features of its videos.
        tools: Metrics and extractors.
        setting: Where networks run.
        workers: Worker processes.
        telling: Where to tell how far it is.

    Raises:
        UsageError: There is nothing at `real`.
    """
    wanted = locked.identity.real
    if wanted is None:
        return {}
    found = RealSet(real) if real is not None else shipped_real_set(locked.protocol)
    if found is not None and found.digest == wanted:
        return found.references(tools, setting, scratch, workers, telling)
    if found is not None and real is not None:
        detail = "the run was compared with another real set than the one given"
        done.take(
            [Finding("real_set_differs", "real", "sha256", wanted, found.digest, detail=detail)]
        )
        return None
    return _kept(done, locked, files, wanted)


def _kept(
    done: Verification, locked: Locked, files: RunFiles, wanted: str
) -> Mapping[str, Reference] | None:
    """Return the real videos' features that lie in the run folder."""
    names = files.names(f"{REAL_FOLDER}/items", ".json")
    if not names:
        return None
    try:
        items = [files.record(ItemRecord, f"{REAL_FOLDER}/items/{name}") for name in names]
        items.sort(key=lambda item: item.video.id)
        bad = list(check_features(RunFiles(files.folder / REAL_FOLDER), items))
    except ConfigError as error:
        done.refuse(error)
        return None
    told = [[item.video.id, item.video.sha256] for item in items]
    digest = hashlib.sha256(canonical_json(told).encode()).hexdigest()
    if digest != wanted:
        bad.append(Finding("real_set_differs", REAL_FOLDER, "sha256", wanted, digest))
    if bad:
        done.take(bad)
        return None
    done.notes.append(
        "the real set's features are those in the run folder; give --real to compute them afresh"
    )
    sets = sets_of(locked, files.folder / REAL_FOLDER, items)
    return {name: reference_from(found, REAL_FOLDER, {}) for name, found in sets.items()}


def set_keys(tools: Tools, scores: Sequence[str]) -> list[str]:
    """Return the keys of scores that compare whole sets."""
    metrics = {key for key, metric in tools.metrics.items() if isinstance(metric, SetMetric)}
    return [key for key in scores if metric_of(key) in metrics]


def metric_of(key: str) -> str:
    """Return the key of a score's metric: `name.component@extractor` without the component."""
    name, at, extractor = key.partition("@")
    return f"{name.partition('.')[0]}{at}{extractor}"
