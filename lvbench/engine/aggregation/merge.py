"""Unite the parts of a run that were judged apart into the run that they are parts of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.merge_real import united_real
from lvbench.engine.aggregation.neighbours import write_neighbours
from lvbench.engine.aggregation.recompute import (
    expected_videos,
    recompute_scores,
    tools_of,
)
from lvbench.engine.aggregation.write_run import write_run
from lvbench.engine.left_out import united
from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.protocol.lock import LOCK_FILE, differing_keys
from lvbench.protocol.locked import Locked, read_lock
from lvbench.results.files import storage_error, write_atomic
from lvbench.results.folder_lock import locked_folder
from lvbench.results.journal import features_path, file_stem, item_path
from lvbench.results.run import Run, load_run
from lvbench.results.schema import Score
from lvbench.results.shard import ShardRecord, read_shard
from lvbench.video.manifest.manifest import read_manifest, write_manifest

_SUMS = ("seconds", "cpu_seconds", "worker_cpu_seconds", "frames", "videos_kept", "workers")
_VIDEOS, _THUMBNAILS = "videos", "thumbnails"


@dataclass(frozen=True, slots=True)
class _Part:
    """One run folder that is merged."""

    run: Run
    locked: Locked
    shard: ShardRecord | None


def merge(
    out: str | Path,
    folders: Sequence[str | Path],
    *,
    title: str | None = None,
    real: str | Path | None = None,
) -> Run:
    """Unite runs of one identity into one; its bytes are those of a run that was never parted.

    Parts that are missing make it partial. A video that several parts hold must be the same in
    all. Environment and timing blocks say what the parts say.

    Args:
        out: Run folder to write; what a previous merge wrote there is overwritten.
        folders: The run folders, in any order.
        title: Name of what is judged; that of the parts if left out.
        real: The real set's file of statistics, where the parts do not hold its features.

    Raises:
        UsageError: No folder, or one without a run.
        ComparabilityError: They are of different identities (`not_comparable`, with the differing
            keys), or of different plans.
        ConfigError: A video differs between two parts (`merge_differs`), `out` holds a run of
            something else, or another process writes there (`folder_in_use`).
        StorageError: The folder cannot be written.
    """
    parts = _parts(folders)
    with locked_folder(Path(out)):
        return _united(Path(out), parts, title, real)


def _united(out: Path, parts: list[_Part], title: str | None, real: str | Path | None) -> Run:
    locked = parts[0].locked
    _open(out, locked, parts)
    try:
        for part in parts:
            _copy(part.run, out)
        _copy_videos(parts, out)
    except OSError as error:
        raise storage_error(out, error) from error
    merged = {item.video.id: item for part in parts for item in part.run.items}
    items = [merged[name].without_curves() for name in sorted(merged)]
    references = united_real(locked, out, [part.run.folder for part in parts], real)
    sets = feature_sets(tools_of(locked, items), out, items)
    scores = recompute_scores(items, locked, sets=sets, references=references)
    # Pictures of neighbours need the videos, which are not asked for: the list has none.
    write_neighbours(out, tools_of(locked, items), [], {}, sets, references)
    return write_run(
        out,
        locked.protocol,
        locked.identity,
        items,
        scores | _unavailable(parts, scores),
        wanted=_wanted(parts, len(items)),
        title=title or parts[0].run.record.title,
        environment=_common([part.run.record.environment for part in parts]),
        timing=_timing(parts),
        left_out=united(part.run.record.left_out for part in parts),
    )


def _parts(folders: Sequence[str | Path]) -> list[_Part]:
    """Return the runs that are merged, in an order that does not depend on how they were named."""
    if not folders:
        raise UsageError(
            "merge runs",
            found="no run folder",
            where="lvbench merge OUT RUN...",
            fix="name the folders that 'lvbench evaluate --shard' wrote",
        )
    parts = []
    for folder in folders:
        run = load_run(folder)
        locked = read_lock(run.folder / LOCK_FILE, draft=run.record.protocol.draft)
        parts.append(_Part(run, locked, read_shard(run.folder)))
    first = parts[0]
    for part in parts:
        _refuse_another(first, part)
    return sorted(parts, key=lambda part: (part.shard.shard if part.shard else 0, _first_id(part)))


def _refuse_another(first: _Part, part: _Part) -> None:
    one, other = first.locked.identity, part.locked.identity
    stated = {part.locked.stated, part.run.record.protocol.hash}
    stated |= {item.identity for item in part.run.items}
    if one.hash != other.hash or stated != {one.hash}:
        keys = differing_keys(one.content(), other.content())
        raise _differs(
            f"identity {one.hash[:12]} and {', '.join(sorted(h[:12] for h in stated))}; differing: "
            f"{', '.join(keys) or 'what the run states and what its lock gives'}",
            part.run.folder,
        )
    if first.shard is None or part.shard is None:
        return
    ours, theirs = first.shard, part.shard
    if (ours.of, ours.videos, ours.wanted) != (theirs.of, theirs.videos, theirs.wanted):
        raise _differs("parts of another plan of videos", part.run.folder)


def _differs(found: str, folder: Path) -> ComparabilityError:
    return ComparabilityError(
        "merge runs",
        found=found,
        where=str(folder),
        fix="merge parts of one run: the same protocol, weights, real set and videos",
    )


def _open(out: Path, locked: Locked, parts: Sequence[_Part]) -> None:
    """Check that what is there is what is merged, and write what the parts share."""
    sources = {part.run.folder.resolve() for part in parts}
    there = {path.stem for path in (out / "items").glob("*.json")}
    wanted = {file_stem(item.video.id) for part in parts for item in part.run.items}
    lock = out / LOCK_FILE
    same = not lock.exists() or read_lock(lock).stated == locked.stated
    if out.resolve() in sources or not same or not there <= wanted:
        raise ConfigError(
            "merge runs",
            found="the folder is one of the parts, or holds another run",
            where=str(out),
            fix="give a new folder",
            code="run_of_other_videos",
        )
    write_atomic(lock, (parts[0].run.folder / LOCK_FILE).read_bytes())
    logs = [part.run.folder / "log.txt" for part in parts]
    write_atomic(out / "log.txt", b"".join(log.read_bytes() for log in logs if log.is_file()))


def _copy(run: Run, out: Path) -> None:
    """Copy a part's records, features and pictures; what is there must be the same."""
    for item in run.items:
        name = item.video.id
        pairs = [(item_path(run.folder, name), item_path(out, name))]
        if item.features_sha256 is not None:
            # First: a record never names what is not there.
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


def _copy_videos(parts: Sequence[_Part], out: Path) -> None:
    """Unite what generators made: the manifests, and the clips that were kept."""
    entries = {}
    for part in parts:
        folder = part.run.folder / _VIDEOS
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


def _wanted(parts: Sequence[_Part], united: int) -> int:
    """Return how many videos a complete run has."""
    planned = [part.shard.wanted for part in parts if part.shard is not None]
    asked = [expected_videos(part.run.record) or 0 for part in parts]
    return max([united, *planned, *asked])


def _unavailable(parts: Sequence[_Part], scores: Mapping[str, Score]) -> dict[str, Score]:
    """Return the scores that no part could compute, as the parts say it."""
    return {
        key: score
        for part in parts[:1]
        for key, score in part.run.scores.items()
        if key not in scores and score.status == "unavailable"
    }


def _common(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what all environments say; where they differ, each is kept under `machines`."""
    first = environments[0]
    keys = [k for k in first if all(e.get(k) == first[k] for e in environments)]
    common = {key: first[key] for key in keys}
    distinct = [dict(e) for i, e in enumerate(environments) if e not in environments[:i]]
    return common if len(distinct) == 1 else common | {"machines": distinct}


def _timing(parts: Sequence[_Part]) -> dict[str, Any]:
    timings = [part.run.record.timing for part in parts]
    sums = {
        key: round(sum(timing.get(key, 0) for timing in timings), 3)
        for key in _SUMS
        if any(key in timing for timing in timings)
    }
    peak = max((timing.get("worker_peak_bytes", 0) for timing in timings), default=0)
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return {"finished": finished, "merged": len(parts), "worker_peak_bytes": peak, **sums}


def _first_id(part: _Part) -> str:
    return part.run.items[0].video.id if part.run.items else ""
