"""The record of one trial: a source under one condition, scored by all metrics."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvbench.reading import parse_json, read_text
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.schema import ItemScore, Record
from lvbench.validity.condition import Condition, Kind

FOLDER = "trials"
Size = tuple[int, int, int, float]
_MOST_EVENTS = 100
_LARGEST = 8 << 20


class Measured(Record):
    """What one metric gave, and the identity of the metric that gave it."""

    identity: str
    score: ItemScore


class Trial(Record):
    """A source under one condition.

    Attributes:
        source: Name of the source.
        sha256: Its digest.
        kind: Kind of the condition.
        name: Name of the fault, cheat or presentation.
        dose: Dose of the fault.
        base: What was added to the source first.
        planting: Digest of all that made the file: source, condition, seed, code, encoder.
        start: When the fault begins, in seconds; None where it has no beginning.
        size: Frames, height and width in pixels, and rate in Hz of the clip; None where it could
            not be made.
        scores: By metric, the result; of its series the last point is kept.
    """

    source: str
    sha256: str
    kind: Kind
    name: str
    dose: float
    base: str = ""
    planting: str
    start: float | None = None
    size: Size | None = None
    scores: dict[str, Measured]

    @property
    def condition(self) -> Condition:
        """Return the condition."""
        return Condition(self.kind, self.name, self.dose, self.base)


def without_series(score: ItemScore) -> ItemScore:
    """Return a score with the first of its events and the last point of each series alone."""
    ends = {name: series.end() for name, series in score.series.items()}
    return score.model_copy(update={"series": ends, "events": score.events[:_MOST_EVENTS]})


def digest(content: Any) -> str:
    """Return 16 hex digits of plain JSON."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()[:16]


class TrialStore:
    """The trials in a folder, one file each, by the digest of what was planted.

    Args:
        folder: The output folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, source: str, condition: Condition, planting: str) -> Path:
        """Return the file of a trial."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", str(condition))
        return self.folder / source / f"{plain}-{planting}.json"

    def read(self, source: str, condition: Condition, planting: str) -> Trial | None:
        """Return the trial; None where it was not tried or its file is no trial."""
        path = self.path(source, condition, planting)
        if not path.is_file():
            return None
        try:
            return Trial.model_validate(parse_json(read_text(path, _LARGEST)))
        except ValueError:
            return None

    def write(self, trial: Trial) -> None:
        """Write a trial, in place of the one before.

        Raises:
            StorageError: The folder cannot be written.
        """
        path = self.path(trial.source, trial.condition, trial.planting)
        write_atomic(path, canonical_json(trial.model_dump(mode="json", exclude_defaults=True)))


def lacking(trial: Trial | None, identities: Mapping[str, str]) -> list[str]:
    """Return the metrics, by key, of which a trial has no result with this identity.

    A result that failed counts as none.
    """
    have = (
        {}
        if trial is None
        else {k: one.identity for k, one in trial.scores.items() if one.score.status != "failed"}
    )
    return [key for key, identity in identities.items() if have.get(key) != identity]
