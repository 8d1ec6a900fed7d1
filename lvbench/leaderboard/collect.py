"""Collect the rows of all boards: files under leaderboards/, and run folders given by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.leaderboard.schema import Row, read_row
from lvbench.results.run import load_run
from lvbench.results.schema import RunRecord

LOCAL = "this machine"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row and where a reader can look further; `report` is relative to the board."""

    row: Row
    report: str | None = None

    @property
    def record(self) -> RunRecord:
        """Return the run's record."""
        return self.row.run

    @property
    def question(self) -> tuple[str, int]:
        """Return identity and number of videos: entries that share them may share a table."""
        return self.record.protocol.hash, self.record.videos["expected"]


def collect(root: Path, runs: Mapping[str, Path]) -> dict[str, list[Entry]]:
    """Return the entries of each protocol, sorted by organisation, model and revision.

    Args:
        root: The folder leaderboards/.
        runs: Run folders to show as well, by the model's name.

    Raises:
        ConfigError: A row is not valid, or lies where another row belongs.
    """
    found: dict[str, list[Entry]] = {}
    for file in sorted(root.glob("*/*__*/*.json")):
        row = read_row(file)
        _check_place(row, file)
        found.setdefault(row.run.protocol.name, []).append(Entry(row))
    for name, folder in sorted(runs.items()):
        record = load_run(folder).record
        row = Row(model=name, organisation=LOCAL, revision="run", verified=False, run=record)
        report = folder / "report.html"
        link = None
        if report.is_file():
            beside = root / record.protocol.name
            link = Path(os.path.relpath(report.resolve(), beside.resolve())).as_posix()
        found.setdefault(record.protocol.name, []).append(Entry(row, link))
    return {name: sorted(entries, key=_order) for name, entries in sorted(found.items())}


def place(row: Row) -> str:
    """Return where a row's file belongs under leaderboards/."""
    parts = (row.organisation, row.model, row.revision)
    organisation, model, revision = (re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in parts)
    return f"{row.run.protocol.name}/{organisation}__{model}/{revision}.json"


def _check_place(row: Row, file: Path) -> None:
    expected = place(row)
    if file.as_posix().endswith(f"/{expected}"):
        return
    raise ConfigError(
        "read a row of the leaderboard",
        found=f"the row belongs to {expected}",
        where=str(file),
        mend="move the file, or correct organisation, model or revision in it",
        code="row_misplaced",
    )


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.row.organisation.lower(), entry.row.model.lower(), entry.row.revision
