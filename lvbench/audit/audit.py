"""Audit a set of videos: measure every file once, resumably, and summarise the set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from lvbench.audit.duplicates import Duplicate, Finder
from lvbench.audit.row import ENCODER, SURVEY, Arrays, Row, make_row
from lvbench.audit.rules import Rules, apply_rules
from lvbench.engine.left_out import by_reason, log
from lvbench.engine.video_pass.task import VideoTask, find_all
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.progress import Progress
from lvbench.engine.workers.scoring import score_all
from lvbench.environment import usable_cores
from lvbench.metrics.registry import METRICS
from lvbench.protocol.lock import claim
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.files import storage_error
from lvbench.results.journal import item_path, read_features
from lvbench.results.run import read_item
from lvbench.results.schema import LeftOutRecord
from lvbench.stats.bootstrap import Interval
from lvbench.stats.vendi import vendi_interval

_CACHED = 64
_MOST_FOR_DIVERSITY = 4096
_METRICS = ("freeze", "black_bars", "shot_cuts", "motion_magnitude", "diversity", "image_quality")


@dataclass(frozen=True, slots=True)
class Audit:
    """Results of an audit.

    Attributes:
        name: Name of the set.
        folder: Folder of the records and pictures.
        rows: One row per file, by id, with the reasons to drop it.
        duplicates: Pairs of files that share footage.
        diversity: Vendi score of the files that can be read; None without image features.
        examples: Ids of the files that differ most, to illustrate the set.
        missing: Unavailable metrics, each with its fix; empty if none.
        rules: Rules by which files are dropped.
        left_out: Files that are not measured.
    """

    name: str
    folder: Path
    rows: tuple[Row, ...]
    duplicates: tuple[Duplicate, ...]
    diversity: Interval | None
    examples: tuple[str, ...]
    missing: str
    rules: Rules
    left_out: tuple[LeftOutRecord, ...] = ()

    @property
    def dropped(self) -> list[Row]:
        """Return the files that should be dropped."""
        return [row for row in self.rows if row.reasons]


def audit(
    path: str | Path,
    *,
    out: str | Path,
    rules: Rules | None = None,
    workers: int | None = None,
    weights: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Audit:
    """Measure the videos at `path` and summarise the set.

    The journal is in `out`: the same call resumes, and files that no longer exist are left out.
    Memory grows by a few kilobytes per file.

    Args:
        path: A folder of videos, a manifest, or one video.
        out: Folder for the journal and the report.
        rules: Rules by which files are dropped.
        workers: Worker processes; the number of cores if left out.
        weights: A weights file or folder; the cache if left out. Without the encoder's weights,
            diversity and duplicates by features are left out.
        device: Device of the networks.
        progress: Receiver of progress.

    Raises:
        UsageError: There is no video at `path`.
        ConfigError: `out` contains an audit by another version of lvbench.
        StorageError: A file cannot be written.
    """
    setting = Setting(
        weights=None if weights is None else str(Path(weights).absolute()), device=device
    )
    tools = build_tools(_protocol(), setting)
    tasks, others = find_all(Path(path))
    folder, left_out = Path(out), by_reason(others)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error
    claim(folder, tools.identity)
    log(folder, left_out)
    with progress or Progress() as progress:
        score_all(tools, setting, tasks, folder, workers or usable_cores(), progress)
    found = _summarised(Path(path).resolve().name, folder, tasks, tools, rules or Rules())
    return replace(found, left_out=tuple(left_out))


def _protocol() -> Protocol:
    """Return the protocol: coarse flow, sparse image features, all else on every frame."""
    return Protocol(
        name="audit",
        version=1,
        segment_seconds=0.5,
        extractors={
            "dis": {"long_side": 128, "preset": "ultrafast"},
            SURVEY: {"rate": 2.0},
            ENCODER: {"rate": 1.0},
        },
        metrics=[
            MetricEntry(name=name, version=METRICS.get(name).info.version) for name in _METRICS
        ],
    )


def _summarised(
    name: str, folder: Path, tasks: Sequence[VideoTask], tools: Tools, rules: Rules
) -> Audit:
    finder, rows = Finder(), []
    for row, kept in _rows(folder, tasks):
        rows.append(row)
        if row.status == "ok":
            finder.add(row.id, kept)

    @lru_cache(maxsize=_CACHED)
    def load(video: str) -> Arrays:
        return read_features(folder, read_item(item_path(folder, video)))

    duplicates = finder.duplicates(load)
    vectors = finder.vectors
    lacking = [f"{key} ({error.fix})" for key, (_, error) in tools.unavailable.items()]
    return Audit(
        name=name,
        folder=folder,
        rows=tuple(apply_rules(rows, duplicates, rules)),
        duplicates=tuple(duplicates),
        diversity=_diversity(vectors),
        examples=_dissimilar(vectors) or tuple(row.id for row in rows if row.status == "ok"),
        missing="; ".join(lacking),
        rules=rules,
    )


def _rows(folder: Path, tasks: Sequence[VideoTask]) -> Iterator[tuple[Row, Arrays]]:
    """Yield each file's row and its arrays; one file is in memory at a time."""
    for task in tasks:
        item = read_item(item_path(folder, task.id))
        kept = read_features(folder, item)
        yield make_row(item, kept, Path(task.path)), kept


def _diversity(vectors: dict[str, np.ndarray]) -> Interval | None:
    if len(vectors) < 2:
        return None
    stacked = np.stack(list(vectors.values()))
    every = max(1, -(-len(stacked) // _MOST_FOR_DIVERSITY))
    return vendi_interval(stacked[::every])


def _dissimilar(vectors: dict[str, np.ndarray], most: int = 24) -> tuple[str, ...]:
    """Return files, each the least similar to those before it."""
    if not vectors:
        return ()
    names, stacked = list(vectors), np.stack(list(vectors.values()))
    chosen = [int((stacked @ stacked.mean(axis=0)).argmax())]
    nearest = stacked @ stacked[chosen[0]]
    while len(chosen) < min(most, len(names)):
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, stacked @ stacked[chosen[-1]])
        nearest[chosen] = np.inf
    return tuple(names[i] for i in chosen)


def as_record(found: Audit) -> dict[str, object]:
    """Return an audit as plain JSON."""
    return {
        "schema": 1,
        "name": found.name,
        "files": [row.flat() for row in found.rows],
        "near_duplicates": [asdict(pair) for pair in found.duplicates],
        "diversity": None if found.diversity is None else asdict(found.diversity),
        "rules": asdict(found.rules),
        "missing": found.missing,
        "left_out": [one.model_dump() for one in found.left_out],
    }
