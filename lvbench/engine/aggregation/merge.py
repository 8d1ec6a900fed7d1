"""Merge the shards of a run into one run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.neighbours import write_neighbours
from lvbench.engine.aggregation.real_set import (
    REAL_FOLDER,
    RealSet,
    real_set_digest,
    shipped_real_set,
)
from lvbench.engine.aggregation.recompute import (
    expected_videos,
    recompute_scores,
    tools_of,
)
from lvbench.engine.aggregation.write_run import write_run
from lvbench.engine.left_out import merged
from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.features.feature_set import RealSetStatistics
from lvbench.protocol.lock import LOCK_FILE, differing_keys
from lvbench.protocol.locked import Locked, read_lock
from lvbench.results.files import storage_error, write_atomic
from lvbench.results.folder_lock import locked_folder
from lvbench.results.journal import features_path, file_stem, item_path
from lvbench.results.real_set_file import real_set_from
from lvbench.results.run import Run, load_run, read_items
from lvbench.results.schema import Score
from lvbench.results.shard import ShardRecord, read_shard
from lvbench.video.manifest.manifest import read_manifest, write_manifest

_SUMS = ("seconds", "cpu_seconds", "worker_cpu_seconds", "frames", "videos_kept", "workers")
_VIDEOS, _THUMBNAILS = "videos", "thumbnails"


@dataclass(frozen=True, slots=True)
class _Shard:
    """A run folder to merge."""

    run: Run
    locked: Locked
    plan: ShardRecord | None


def merge(
    out: str | Path,
    folders: Sequence[str | Path],
    *,
    title: str | None = None,
    real: str | Path | None = None,
) -> Run:
    """Merge runs of one identity; the bytes are those of a run without shards.

    A missing shard makes the run partial. A video of several shards must be the same in all.
    Environment and timing blocks combine those of the shards.

    Args:
        out: Run folder to write; files of a previous merge are overwritten.
        folders: The run folders, in any order.
        title: Title of the run; default: that of the shards.
        real: The real set's file of statistics, where the shards do not have its features.

    Raises:
        UsageError: No folder, or one without a run.
        ComparabilityError: They are of different identities (`not_comparable`, with the differing
            keys), or of different plans.
        ConfigError: A video differs between two shards (`merge_differs`), `out` contains another
            run, or another process writes there (`folder_in_use`).
        StorageError: The folder cannot be written.
    """
    shards = _read_shards(folders)
    with locked_folder(Path(out)):
        return _merge(Path(out), shards, title, real)


def _merge(out: Path, shards: list[_Shard], title: str | None, real: str | Path | None) -> Run:
    locked = shards[0].locked
    _open(out, locked, shards)
    try:
        for shard in shards:
            _copy(shard.run, out)
        _copy_videos(shards, out)
    except OSError as error:
        raise storage_error(out, error) from error
    found = {item.video.id: item for shard in shards for item in shard.run.items}
    items = [found[name].without_curves() for name in sorted(found)]
    references = _merged_real(locked, out, [shard.run.folder for shard in shards], real)
    sets = feature_sets(tools_of(locked, items), out, items)
    scores = recompute_scores(items, locked, sets=sets, references=references)
    # Pictures of neighbours need the videos, which a merge does not read.
    write_neighbours(out, tools_of(locked, items), [], {}, sets, references)
    return write_run(
        out,
        locked.protocol,
        locked.identity,
        items,
        scores | _unavailable(shards, scores),
        complete=_complete(shards, len(items)),
        title=title or shards[0].run.record.title,
        environment=_common([shard.run.record.environment for shard in shards]),
        timing=_timing(shards),
        left_out=merged(shard.run.record.left_out for shard in shards),
    )


def _read_shards(folders: Sequence[str | Path]) -> list[_Shard]:
    """Return the runs in an order that does not depend on the order of the folders."""
    if not folders:
        raise UsageError(
            "merge runs",
            found="no run folder",
            where="lvbench merge OUT RUN...",
            fix="name the folders that 'lvbench evaluate --shard' wrote",
        )
    shards = []
    for folder in folders:
        run = load_run(folder)
        locked = read_lock(run.folder / LOCK_FILE, draft=run.record.protocol.draft)
        shards.append(_Shard(run, locked, read_shard(run.folder)))
    first = shards[0]
    for shard in shards:
        _refuse_another(first, shard)
    return sorted(shards, key=_order)


def _refuse_another(first: _Shard, shard: _Shard) -> None:
    one, other = first.locked.identity, shard.locked.identity
    stated = {shard.locked.stated, shard.run.record.protocol.hash}
    stated |= {item.identity for item in shard.run.items}
    if one.hash != other.hash or stated != {one.hash}:
        keys = differing_keys(one.content(), other.content())
        raise _differs(
            f"identity {one.hash[:12]} and {', '.join(sorted(h[:12] for h in stated))}; differing: "
            f"{', '.join(keys) or 'the hash in the run and that of its lock'}",
            shard.run.folder,
        )
    if first.plan is None or shard.plan is None:
        return
    ours, theirs = first.plan, shard.plan
    if (ours.of, ours.videos, ours.wanted) != (theirs.of, theirs.videos, theirs.wanted):
        raise _differs("shards of another plan of videos", shard.run.folder)


def _differs(found: str, folder: Path) -> ComparabilityError:
    return ComparabilityError(
        "merge runs",
        found=found,
        where=str(folder),
        fix="merge shards of one run: the same protocol, weights, real set and videos",
    )


def _open(out: Path, locked: Locked, shards: Sequence[_Shard]) -> None:
    """Check that `out` has no other run, and write the files that the shards share."""
    sources = {shard.run.folder.resolve() for shard in shards}
    there = {path.stem for path in (out / "items").glob("*.json")}
    wanted = {file_stem(item.video.id) for shard in shards for item in shard.run.items}
    lock = out / LOCK_FILE
    same = not lock.exists() or read_lock(lock).stated == locked.stated
    if out.resolve() in sources or not same or not there <= wanted:
        raise ConfigError(
            "merge runs",
            found="the folder is one of the shards, or contains another run",
            where=str(out),
            fix="give a new folder",
            code="run_of_other_videos",
        )
    write_atomic(lock, (shards[0].run.folder / LOCK_FILE).read_bytes())
    logs = [shard.run.folder / "log.txt" for shard in shards]
    write_atomic(out / "log.txt", b"".join(log.read_bytes() for log in logs if log.is_file()))


def _copy(run: Run, out: Path) -> None:
    """Copy a shard's records, features and pictures; an existing file must be the same."""
    for item in run.items:
        name = item.video.id
        pairs = [(item_path(run.folder, name), item_path(out, name))]
        if item.features_sha256 is not None:
            # First: a record never names a missing file.
            pairs.insert(0, (features_path(run.folder, name), features_path(out, name)))
        for source, target in pairs:
            content = source.read_bytes()
            if target.exists() and target.read_bytes() != content:
                raise ConfigError(
                    "merge runs",
                    found=f"the video {name} with two different outcomes",
                    where=str(source),
                    fix="verify both with 'lvbench verify', and leave out the one that is wrong",
                    code="merge_differs",
                )
            if not target.exists():
                write_atomic(target, content)
    for source in sorted((run.folder / _THUMBNAILS).glob("*")):
        if source.is_file():
            write_atomic(out / _THUMBNAILS / source.name, source.read_bytes())


def _copy_videos(shards: Sequence[_Shard], out: Path) -> None:
    """Merge the generators' manifests, and link the clips that were kept."""
    entries = {}
    for shard in shards:
        folder = shard.run.folder / _VIDEOS
        if not (folder / "manifest.jsonl").is_file():
            continue
        (out / _VIDEOS).mkdir(exist_ok=True)
        for entry in read_manifest(folder / "manifest.jsonl"):
            target = out / _VIDEOS / entry.path.name
            if entry.path.is_file() and not target.exists():
                _link(entry.path, target)
            own = entry.path.parent == folder.absolute()
            entries[entry.id] = (
                entry.model_copy(update={"path": target.absolute()}) if own else entry
            )
        claim = folder / "generator.json"
        if claim.is_file():
            write_atomic(out / _VIDEOS / "generator.json", claim.read_bytes())
    if entries:
        listed = [entries[name] for name in sorted(entries)]
        write_manifest(out / _VIDEOS / "manifest.jsonl", listed)


def _link(source: Path, target: Path) -> None:
    """Give a clip a second name; copy it where the file system cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _merged_real(
    locked: Locked, out: Path, folders: Sequence[Path], given: str | Path | None
) -> Mapping[str, RealSetStatistics]:
    """Return the real set's features by extractor, copied into `out` where a shard has them.

    Args:
        locked: The lock of the runs.
        out: Folder of the merged run.
        folders: Folders of the shards.
        given: A file of statistics, where the shards have no features.

    Raises:
        ConfigError: The features are missing (`reference_missing`) or of another set
            (`reference_changed`).
        UsageError: `given` is no file of statistics.
    """
    wanted = locked.identity.real
    if wanted is None:
        return {}
    for folder in folders:
        stored = folder / REAL_FOLDER
        items = read_items(stored)
        if items and real_set_digest((i.video.id, i.video.sha256) for i in items) == wanted:
            if not (out / REAL_FOLDER).exists():
                shutil.copytree(stored, out / REAL_FOLDER)
            sets = feature_sets(tools_of(locked, items), stored, items)
            return {n: real_set_from(found, REAL_FOLDER, {}) for n, found in sets.items()}
    return _real_statistics(locked, wanted, given)


def _real_statistics(
    locked: Locked, wanted: str, given: str | Path | None
) -> Mapping[str, RealSetStatistics]:
    """Return the features in the given file of statistics, else in the shipped one."""
    path = None if given is None else Path(given)
    if path is not None and path.suffix != ".npz":
        raise UsageError(
            "compare with a real set",
            found="no file of statistics",
            where=str(path),
            fix="give the .npz by 'lvbench stats build'; a folder's features are in the shards",
        )
    shipped = RealSet(path) if path is not None else shipped_real_set(locked.protocol)
    if shipped is None or shipped.digest != wanted:
        raise ConfigError(
            "compare with a real set",
            found="no shard has its features" if shipped is None else "another set",
            where=f"the real set {wanted[:12]}",
            fix="give --real, the set that the shards were compared with",
            code="reference_missing" if shipped is None else "reference_changed",
        )
    reference = shipped.statistics
    return {} if reference is None else {str(reference.provenance.get("name")): reference}


def _complete(shards: Sequence[_Shard], found: int) -> int:
    """Return the number of videos of a complete run."""
    planned = [shard.plan.wanted for shard in shards if shard.plan is not None]
    stated = [expected_videos(shard.run.record) or 0 for shard in shards]
    return max([found, *planned, *stated])


def _unavailable(shards: Sequence[_Shard], scores: Mapping[str, Score]) -> dict[str, Score]:
    """Return the scores that no shard could compute, as the shards state them."""
    return {
        key: score
        for shard in shards[:1]
        for key, score in shard.run.scores.items()
        if key not in scores and score.status == "unavailable"
    }


def _common(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what all environments share; where they differ, each is under `machines`."""
    first = environments[0]
    keys = [k for k in first if all(e.get(k) == first[k] for e in environments)]
    common = {key: first[key] for key in keys}
    distinct = [dict(e) for i, e in enumerate(environments) if e not in environments[:i]]
    return common if len(distinct) == 1 else common | {"machines": distinct}


def _timing(shards: Sequence[_Shard]) -> dict[str, Any]:
    timings = [shard.run.record.timing for shard in shards]
    sums = {
        key: round(sum(timing.get(key, 0) for timing in timings), 3)
        for key in _SUMS
        if any(key in timing for timing in timings)
    }
    peak = max((timing.get("worker_peak_bytes", 0) for timing in timings), default=0)
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return {"finished": finished, "merged": len(shards), "worker_peak_bytes": peak, **sums}


def _order(shard: _Shard) -> tuple[int, str]:
    first = shard.run.items[0].video.id if shard.run.items else ""
    return shard.plan.shard if shard.plan else 0, first
