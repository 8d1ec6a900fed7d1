"""Load a run folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from lvbench.errors import ConfigError, UsageError
from lvbench.reading import read_json
from lvbench.results.schema import SCHEMA, ItemRecord, Record, RunRecord, Score

Parsed = TypeVar("Parsed", bound=Record)


@dataclass(frozen=True)
class Run:
    """A run folder on disk.

    Attributes:
        folder: The run folder.
        record: The content of run.json.
    """

    folder: Path
    record: RunRecord

    @property
    def scores(self) -> dict[str, Score]:
        """Return the scores by key."""
        return self.record.scores

    @cached_property
    def items(self) -> list[ItemRecord]:
        """Return the item records, sorted by video id."""
        return read_items(self.folder)


def load_run(path: str | Path) -> Run:
    """Return the run in the folder (or run.json) at `path`.

    Raises:
        UsageError: There is no run.json there.
        ConfigError: It is not a valid run record.

    Examples:
        >>> import lvbench
        >>> run = lvbench.load_run("runs/base")
        >>> run.record.protocol.name, sorted(run.scores)[:2]
        ('lvb-smoke', ['colour_drift', 'colour_drift.chroma_end_level'])
    """
    folder = Path(path)
    if folder.name == "run.json":
        folder = folder.parent
    file = folder / "run.json"
    if not file.is_file():
        raise UsageError(
            "load a run",
            found="there is no run.json",
            where=str(folder),
            fix="give the folder that 'lvbench evaluate --out' wrote, or let it finish",
        )
    return Run(folder, _parse(RunRecord, file))


def read_items(folder: Path) -> list[ItemRecord]:
    """Return all item records of a run folder, sorted by video id."""
    records = [read_item(p) for p in sorted((folder / "items").glob("*.json"))]
    return sorted(records, key=lambda r: r.video.id)


def read_item(file: Path) -> ItemRecord:
    """Return one item record; raise `ConfigError` if it is not valid."""
    return _parse(ItemRecord, file)


def _parse(model: type[Parsed], file: Path) -> Parsed:
    try:
        content = read_json(file)
        if content.get("schema") != SCHEMA:
            raise ValueError(f"schema {content.get('schema')}, this lvbench reads {SCHEMA}")
        return model.model_validate(content)
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"read {file.name}",
            found=str(error),
            where=str(file),
            fix="run the evaluation again, or load it with the lvbench that wrote it",
            code="run_invalid",
        ) from error
