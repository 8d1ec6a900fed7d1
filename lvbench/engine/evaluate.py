"""Evaluate: from a folder of clips to a run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lvbench.engine.aggregate import aggregate
from lvbench.engine.feature_sets import feature_sets
from lvbench.engine.neighbours import write_neighbours
from lvbench.engine.progress import Progress, Silent
from lvbench.engine.real_set import RealSet, shipped_real_set
from lvbench.engine.scoring import score_all
from lvbench.engine.task import VideoTask, tasks_from
from lvbench.engine.tools import Setting, Tools, build_tools
from lvbench.environment import environment, usable_cores
from lvbench.errors import ConfigError, UsageError
from lvbench.protocol import DEFAULT_PROTOCOL
from lvbench.protocol.identity import signature
from lvbench.protocol.load import load_protocol, protocol_path
from lvbench.protocol.lock import claim
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json, storage_error, write_atomic
from lvbench.results.journal import item_path
from lvbench.results.run import Run, load_run, read_item
from lvbench.results.schema import ItemRecord, ProtocolRecord, RunRecord, Score
from lvbench.results.tables import write_tables
from lvbench.video.manifest import find_videos


def evaluate(
    path: str | Path,
    *,
    out: str | Path,
    protocol: str | Protocol = DEFAULT_PROTOCOL,
    workers: int | None = None,
    limit: int | None = None,
    asked_for: int | None = None,
    title: str | None = None,
    real: str | Path | None = None,
    weights: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Run:
    """Judge the videos at `path` by a protocol and write a run folder.

    Run it again with the same arguments after an interruption: videos that are done are kept, and
    the result is the same, byte for byte but for the environment and timing blocks of run.json.

    Args:
        path: A folder of clips, a manifest, or one clip.
        out: Run folder to write, or to resume.
        protocol: A protocol's name, `name@version`, file, or object.
        workers: Worker processes; the number of cores if left out. It moves no number.
        limit: Judge only the first so many videos, by id; the run is then partial.
        asked_for: Videos that a complete run has, where `path` may hold fewer.
        title: Name of what is judged; the folder's name if left out.
        real: A folder of real videos, or a file by `lvbench stats build`, that distances between
            sets compare with; the one that ships with the protocol, if one does, if left out.
        weights: A weights file, or a folder whose files are matched by content; the cache if left
            out. A metric whose weights are missing is unavailable; the others run.
        device: Where networks run: `cpu`, `cuda`, `mps` or `auto`.
        progress: Where to tell how far it is.

    Returns:
        The run. Videos that failed are in its items, with a code and a mend.

    Raises:
        UsageError: There is no video at `path`.
        ConfigError: The protocol is not valid, or `out` holds another run.
        StorageError: A result cannot be written.
    """
    started, spent = time.perf_counter(), os.times()
    chosen = load_protocol(protocol) if isinstance(protocol, str) else protocol
    beside = protocol_path(protocol).parent if isinstance(protocol, str) else None
    real_set = shipped_real_set(chosen, beside) if real is None else RealSet(Path(real))
    setting = Setting(
        weights=None if weights is None else str(Path(weights).absolute()),
        device=device,
        real=None if real_set is None else real_set.digest,
    )
    tools = build_tools(chosen, setting)
    found = find_tasks(Path(path))
    tasks = found if limit is None else found[:limit]
    folder = Path(out)
    open_run_folder(folder, tools, tasks)
    with progress or Silent() as telling:
        count = workers or usable_cores()
        work = score_all(tools, setting, tasks, folder, count, telling)
        references = (
            {} if real_set is None else real_set.references(tools, setting, folder, count, telling)
        )
    items = [read_item(item_path(folder, task.id)).without_curves() for task in tasks]
    sets = feature_sets(tools, folder, items)
    scores = aggregate(tools, items, sets, references)
    if real_set is not None:
        write_neighbours(folder, tools, tasks, real_set.files, sets, references)
    reasons = _why_partial(len(tasks), max(len(found), asked_for or 0), scores)
    after = os.times()
    record = RunRecord(
        status="partial" if reasons else "complete",
        reasons=reasons,
        title=title or _title(Path(path)),
        protocol=ProtocolRecord(
            name=chosen.name,
            version=chosen.version,
            draft=chosen.draft,
            hash=tools.identity.hash,
        ),
        signature=None if reasons else signature(chosen, tools.identity, len(items)),
        videos=_counts(items),
        scores=scores,
        environment=environment(),
        timing={
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - started, 3),
            "cpu_seconds": round(sum(after[:4]) - sum(spent[:4]), 3),
            **work,
        },
    )
    _write_run(folder, record, items)
    return load_run(folder)


def find_tasks(path: Path) -> list[VideoTask]:
    """Return the videos at `path` as tasks, sorted by id; raise `UsageError` if there is none."""
    entries = find_videos(path)
    if not entries:
        raise UsageError(
            "find videos",
            found="none",
            where=str(path),
            mend="give a folder with video files, a manifest.jsonl or one video file",
        )
    return tasks_from(entries, path if path.is_dir() else path.parent)


def open_run_folder(folder: Path, tools: Tools, tasks: Sequence[VideoTask]) -> None:
    """Make the run folder, or check that the one there may be resumed with these videos.

    Raises:
        ConfigError: It holds a run of another protocol, or of videos that are not asked for.
        StorageError: It cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error
    claim(folder, tools.identity)
    wanted = {item_path(folder, task.id) for task in tasks}
    others = sorted(p.stem for p in (folder / "items").glob("*.json") if p not in wanted)
    if others:
        raise ConfigError(
            "resume the run",
            found=f"it holds {len(others)} videos that were not asked for: "
            f"{', '.join(others[:3])}{' ...' if len(others) > 3 else ''}",
            where=str(folder / "items"),
            mend="give another --out, or ask for the same videos (and the same --limit) again",
            code="run_of_other_videos",
        )


def _why_partial(judged: int, wanted: int, scores: dict[str, Score]) -> list[str]:
    reasons = [f"only {judged} of {wanted} videos were asked for"] if judged < wanted else []
    missing = sorted(key for key, score in scores.items() if score.status == "unavailable")
    headlines = [key for key in missing if "." not in key.partition("@")[0]]
    return reasons + [f"{key} is unavailable" for key in headlines]


def _counts(items: Sequence[ItemRecord]) -> dict[str, int]:
    failed = sum(item.video.status == "failed" for item in items)
    partly = sum(
        item.video.status == "ok" and any(s.status == "failed" for s in item.metrics.values())
        for item in items
    )
    return {"expected": len(items), "failed": failed, "with_failed_metrics": partly}


def _title(path: Path) -> str:
    named = path.parent if path.name == "manifest.jsonl" else path
    return named.resolve().name


def _write_run(folder: Path, record: RunRecord, items: Sequence[ItemRecord]) -> None:
    keys = ("id", "path", "sha256", "width", "height", "fps", "frames", "codec", "pixel_format")
    videos = [{key: getattr(item.video, key) for key in keys} for item in items]
    write_atomic(folder / "videos.manifest.json", canonical_json(videos, indent=1) + "\n")
    write_tables(folder, (read_item(item_path(folder, item.video.id)) for item in items))
    # Last: where run.json stands, all the rest stands too.
    write_atomic(folder / "run.json", canonical_json(record.model_dump(), indent=1) + "\n")
