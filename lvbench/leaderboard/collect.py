"""Collect the rows of all boards: files under leaderboards/, and run folders given by hand."""

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
from lvbench.leaderboard.schema import Row, items_file, place, read_row
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import parse_lock
from lvbench.reading import read_bytes
from lvbench.report.page.assets import relative_address
from lvbench.report.tables.describe import COST
from lvbench.results.run import Run, load_run
from lvbench.results.schema import ItemRecord, ItemScore, RunRecord, VideoRecord

LOCAL = "this machine"
ROWS = "*/*__*/*.json"


@dataclass(frozen=True, slots=True)
class Spread:
    """The values behind a row's scores.

    Attributes:
        items: One record per video, of its headlines; what two models are compared by.
        by_length: Prompt and value of every video, by length in seconds and metric; empty where
            the manifests told no length, or one only.
    """

    items: tuple[ItemRecord, ...] = ()
    by_length: Timed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, what its prompts add to each score, and where a reader can look further.

    Attributes:
        row: The row.
        report: The run's report, relative to the board; None where there is none.
        spread: The values behind its scores; empty where no items lie beside the row.
        file: The row's file; None for a run folder given by hand.
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
        """Return clips asked for, number of videos and draft: who shares them shares a table."""
        clips = RowIdentities(self.row).clips
        return clips, self.record.videos["expected"], self.row.draft

    @property
    def gate_failed(self) -> bool:
        """Return whether a gate of any of its scores has failed."""
        return any(gate.failed for score in self.record.scores.values() for gate in score.gates)

    @property
    def key(self) -> str:
        """Return what tells it from every other row of its protocol."""
        return f"{self.row.organisation}/{self.row.model}/{self.row.revision}".lower()

    @property
    def name(self) -> str:
        """Return the model with whose it is and which version."""
        return f"{self.row.model} ({self.detail})"

    @property
    def detail(self) -> str:
        """Return whose the model is, and which version."""
        return f"{self.row.organisation}, {self.row.revision}"


def collect(root: Path, runs: Mapping[str, Path]) -> dict[str, list[Entry]]:
    """Return the entries of each protocol, sorted by organisation, model and revision.

    Args:
        root: The folder leaderboards/.
        runs: Run folders to show as well, by the model's name.

    Raises:
        ConfigError: A row is not valid, or lies where another row belongs.
    """
    found: dict[str, list[Entry]] = {}
    for file in sorted(root.glob(ROWS)):
        row = read_row(file)
        _check_place(row, file)
        found.setdefault(row.run.protocol.name, []).append(Entry(row, None, _spread(file), file))
    for name, folder in sorted(runs.items()):
        run = load_run(folder)
        record = run.record
        row = Row(
            model=name,
            organisation=LOCAL,
            revision="run",
            draft=record.protocol.draft,
            run=record,
            lock=_lock(run),
            curves=drift_curves(run.items),
        )
        report = folder / "report.html"
        beside = root / record.protocol.name
        link = relative_address(report, beside) if report.is_file() else None
        found.setdefault(record.protocol.name, []).append(
            Entry(row, link, spread_of_items(run.items))
        )
    return {name: sorted(entries, key=_order) for name, entries in sorted(found.items())}


def _lock(run: Run) -> dict[str, Any]:
    """Return the content of a run's lock; nothing where it cannot be read."""
    with suppress(LvbenchError, OSError, UnicodeDecodeError):
        text = (run.folder / LOCK_FILE).read_text("utf-8")
        locked = parse_lock(text, draft=run.record.protocol.draft)
        return {"hash": locked.stated, **locked.identity.content()}
    return {}


def _spread(row: Path) -> Spread:
    """Return what lies beside a row; what is wrong with the values is for `check` to say."""
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


def _check_place(row: Row, file: Path) -> None:
    expected = place(row)
    if file.as_posix().endswith(f"/{expected}"):
        return
    raise ConfigError(
        "read a row of the leaderboard",
        found=f"the row belongs to {expected}",
        where=str(file),
        fix="move the file, or correct organisation, model or revision in it",
        code="row_misplaced",
    )


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.row.organisation.lower(), entry.row.model.lower(), entry.row.revision


Timed = Mapping[float, Mapping[str, Sequence[tuple[str, float]]]]

_LENGTH = "length"


def spread_of_items(items: Iterable[ItemRecord]) -> Spread:
    """Return the values of items' headlines, and of their lengths."""
    records = tuple(items)
    return Spread(records, _timed(records))


def spread_of_file(content: bytes) -> Spread:
    """Return the same from the bytes of a submission's `.items.parquet`."""
    names = ["video", "cluster", "metric", "component", "value", "status", "code", "seed"]
    videos: dict[str, VideoRecord] = {}
    scores: dict[str, dict[str, ItemScore]] = {}
    # Built without checks, which `check` makes: a board of many rows reads a million values.
    rows = unfolded(content, names)
    for video, cluster, metric, component, value, status, code, seed in rows:
        of_video = scores.setdefault(video, {})
        if not metric and not component:
            videos[video] = VideoRecord.model_construct(
                id=video, path=video, status=status, code=code, cluster=cluster, seed=seed
            )
        elif metric and not component:
            of_video[metric] = ItemScore.model_construct(status=status, code=code, value=value)
        elif (metric, component) == (COST, _LENGTH) and metric in of_video:
            told = {"components": {_LENGTH: value}}
            of_video[metric] = of_video[metric].model_copy(update=told)
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
        own = timed.setdefault(lengths[item.video.id], {}) if item.video.id in lengths else {}
        for metric in item.metrics:
            value = value_of(item, metric) if metric != COST else None
            if value is not None:
                own.setdefault(metric, []).append((item.video.cluster, value))
    return timed


def _seconds(score: ItemScore | None) -> float | None:
    known = score is not None and score.status == "ok"
    return score.components.get(_LENGTH) if score is not None and known else None
