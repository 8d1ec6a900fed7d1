"""Collect the rows of all boards: files under leaderboards/, and run folders given by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvbench.comparison.scores import value_of
from lvbench.errors import ConfigError, LvbenchError
from lvbench.leaderboard.comparable import RowIdentities
from lvbench.leaderboard.curves import drift_curves
from lvbench.leaderboard.items import MOST_BYTES, unfolded
from lvbench.leaderboard.schema import Row, belongs_at, items_file, place, read_row
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import parse_lock
from lvbench.reading import read_bytes
from lvbench.report.page.assets import relative_address
from lvbench.report.tables.describe import COST
from lvbench.results.run import Run, load_run
from lvbench.results.schema import ItemRecord, ItemScore, RunRecord, VideoRecord

LOCAL = "this machine"
ROWS = "*/*__*/*.json"

Timed = Mapping[float, Mapping[str, Sequence[tuple[str, float]]]]

_LENGTH = "length"
_COLUMNS = ["video", "cluster", "metric", "component", "value", "status", "code", "seed"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The values behind a row's scores.

    Attributes:
        items: One record per video, of its headlines; two models are compared by them.
        by_length: Prompt and value of every video, by length in seconds and metric; empty where
            the manifests state fewer than two lengths.
    """

    items: tuple[ItemRecord, ...] = ()
    by_length: Timed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with the values of its videos, its file and its report.

    Attributes:
        row: The row.
        report: Address of the run's report, relative to the board; None where there is none.
        spread: The values behind its scores; empty where the row has no items file.
        file: The row's file; None for a run folder.
    """

    row: Row
    report: str | None = None
    spread: Spread = field(default_factory=Spread)
    file: Path | None = None

    @property
    def record(self) -> RunRecord:
        """Return the run's record."""
        return self.row.run

    @property
    def question(self) -> tuple[str, int, bool]:
        """Return requested clips, number of videos and draft; rows with the same share a table."""
        clips = RowIdentities(self.row).clips
        return clips, self.record.videos["expected"], self.row.draft

    @property
    def gate_failed(self) -> bool:
        """Return whether a gate of any of its scores has failed."""
        return any(gate.failed for score in self.record.scores.values() for gate in score.gates)

    @property
    def key(self) -> str:
        """Return what distinguishes it from every other row of its protocol."""
        return f"{self.row.organisation}/{self.row.model}/{self.row.revision}".lower()

    @property
    def name(self) -> str:
        """Return model, organisation and revision."""
        return f"{self.row.model} ({self.detail})"

    @property
    def detail(self) -> str:
        """Return organisation and revision."""
        return f"{self.row.organisation}, {self.row.revision}"

    @property
    def source(self) -> str:
        """Return whether the row is verified or self-reported."""
        return "verified" if self.row.verified else "self-reported"


def boards_folder(root: Path) -> Path:
    """Return the folder in which boards are built by default; git ignores it."""
    return root / "boards"


def collect(
    root: Path, runs: Mapping[str, Path], boards: Path | None = None
) -> dict[str, list[Entry]]:
    """Return the entries of each protocol, sorted by organisation, model and revision.

    Args:
        root: The folder leaderboards/.
        runs: Run folders to add, by the model's name.
        boards: Folder of the boards; `boards_folder` if left out.

    Raises:
        ConfigError: A row is not valid, or its file is in the place of another row.
    """
    found: dict[str, list[Entry]] = {}
    for file in sorted(root.glob(ROWS)):
        row = read_row(file)
        if not belongs_at(row, file):
            raise ConfigError(
                "read a row of the leaderboard",
                found=f"the row belongs to {place(row)}",
                where=str(file),
                fix="move the file, or correct organisation, model or revision in it",
                code="row_misplaced",
            )
        found.setdefault(row.run.protocol.name, []).append(Entry(row, None, _spread(file), file))
    for name, folder in sorted(runs.items()):
        entry = _local(name, folder, boards or boards_folder(root))
        found.setdefault(entry.record.protocol.name, []).append(entry)
    return {name: sorted(entries, key=_order) for name, entries in sorted(found.items())}


def _local(name: str, folder: Path, boards: Path) -> Entry:
    """Return the entry of a run folder."""
    run = load_run(folder)
    record = run.record
    row = Row(
        model=name, organisation=LOCAL, revision="run", draft=record.protocol.draft, run=record,
        lock=_lock(run), curves=drift_curves(run.items),
    )  # fmt: skip
    report = folder / "report.html"
    link = relative_address(report, boards / record.protocol.name) if report.is_file() else None
    return Entry(row, link, spread_of_items(run.items))


def spread_of_items(items: Iterable[ItemRecord]) -> Spread:
    """Return the values of items' headlines, and of their lengths."""
    records = tuple(items)
    return Spread(records, _timed(records))


def spread_of_file(content: bytes) -> Spread:
    """Return the same from the bytes of a submission's `.items.parquet`."""
    videos: dict[str, VideoRecord] = {}
    scores: dict[str, dict[str, ItemScore]] = {}
    # Built without validation, which `check` does: a board of many rows reads a million values.
    rows = unfolded(content, _COLUMNS)
    for video, cluster, metric, component, value, status, code, seed in rows:
        of_video = scores.setdefault(video, {})
        if not metric and not component:
            videos[video] = VideoRecord.model_construct(
                id=video, path=video, status=status, code=code, cluster=cluster, seed=seed
            )
        elif metric and not component:
            of_video[metric] = ItemScore.model_construct(status=status, code=code, value=value)
        elif (metric, component) == (COST, _LENGTH) and metric in of_video:
            length = {"components": {_LENGTH: value}}
            of_video[metric] = of_video[metric].model_copy(update=length)
    return spread_of_items(
        ItemRecord.model_construct(identity="", video=videos[name], metrics=scores[name])
        for name in sorted(videos)
    )


def _timed(items: Sequence[ItemRecord]) -> Timed:
    lengths = {
        item.video.id: float(f"{seconds:.2g}")
        for item in items
        if (seconds := _seconds(item.metrics.get(COST))) is not None
    }
    timed: dict[float, dict[str, list[tuple[str, float]]]] = {}
    if len(set(lengths.values())) < 2:
        return timed
    for item in items:
        if item.video.id not in lengths:
            continue
        own = timed.setdefault(lengths[item.video.id], {})
        for metric in item.metrics:
            value = value_of(item, metric) if metric != COST else None
            if value is not None:
                own.setdefault(metric, []).append((item.video.cluster, value))
    return timed


def _seconds(score: ItemScore | None) -> float | None:
    return None if score is None or score.status != "ok" else score.components.get(_LENGTH)


def _lock(run: Run) -> dict[str, Any]:
    """Return the content of a run's lock; empty where it cannot be read."""
    with suppress(LvbenchError, OSError, UnicodeDecodeError):
        text = (run.folder / LOCK_FILE).read_text("utf-8")
        locked = parse_lock(text, draft=run.record.protocol.draft)
        return {"hash": locked.stated, **locked.identity.content()}
    return {}


def _spread(row: Path) -> Spread:
    """Return the values of a row's items file, unvalidated; empty where there is none."""
    file = items_file(row)
    if not file.exists():
        return Spread()
    try:
        return spread_of_file(read_bytes(file, MOST_BYTES))
    except (OSError, ValueError) as error:
        raise ConfigError(
            "read the items of a row",
            found=str(error),
            where=str(file),
            fix="write the file with 'lvbench leaderboard submit'",
            code="items_invalid",
        ) from error


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.row.organisation.lower(), entry.row.model.lower(), entry.row.revision
