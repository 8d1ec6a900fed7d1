"""Results of a verification: findings, what was not verified, and the chance of a miss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from lvbench.errors import LvbenchError
from lvbench.verify.sample import found_with, miss_chance

Verdict = Literal["agrees", "differs", "incomplete"]


@dataclass(frozen=True, slots=True)
class RunFinding:
    """A place where a run differs from what its videos and its protocol give.

    Attributes:
        code: Kind of finding.
        where: File of the run folder, or video.
        cell: Metric, component, series or key in it; empty for the entire file or video.
        stated: Value in the run.
        recomputed: Value that is right.
        difference: Difference of two numbers, as a share of the larger or of their series' scale;
            None where the values are no numbers.
        tolerance: Largest difference allowed; None where values must be equal.
        detail: A sentence where the values do not explain the finding.
    """

    code: str
    where: str
    cell: str = ""
    stated: Any = None
    recomputed: Any = None
    difference: float | None = None
    tolerance: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What could not be verified, and why.

    Attributes:
        what: A video, a metric or a score.
        code: Kind of reason.
        reason: A sentence with the fix.
    """

    what: str
    code: str
    reason: str

    @classmethod
    def by(cls, what: str, error: LvbenchError) -> Unverified:
        """Return what an error kept from being verified."""
        return cls(what, error.code, f"{error.found}; {error.fix}")


@dataclass(slots=True)
class CellCounts:
    """Counts of the cells that agree.

    Attributes:
        equal: Cells that are equal to the last bit.
        within: Cells that differ within their tolerance.
        largest: Largest difference among these, in units of its tolerance.
    """

    equal: int = 0
    within: int = 0
    largest: float = 0.0

    def take(self, difference: float, tolerance: float) -> None:
        """Count a cell that agrees."""
        if difference == 0:
            self.equal += 1
        else:
            self.within += 1
            self.largest = max(self.largest, difference / tolerance)


@dataclass(slots=True)
class VerifyResult:
    """Result of verifying a run.

    Attributes:
        folder: The run folder.
        protocol: Name and version.
        signature: The run's signature.
        signed: The signature, or a line that there is none, with the id.
        findings: What differs.
        unverifiable: What could not be verified.
        notes: Further remarks for the reader.
        videos: Number of videos in the run.
        drawn: Ids of the videos drawn to be recomputed.
        recomputed: Ids of the videos that were recomputed.
        seed: Seed of the draw; None where all videos were taken.
        exact: Whether cells had to be equal to the last bit.
        cells: Counts of the cells that agree.
    """

    folder: Path
    protocol: str = "unknown"
    signature: str | None = None
    signed: str = "no signature"
    findings: list[RunFinding] = field(default_factory=list)
    unverifiable: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    videos: int = 0
    drawn: list[str] = field(default_factory=list)
    recomputed: list[str] = field(default_factory=list)
    seed: int | None = None
    exact: bool = False
    cells: CellCounts = field(default_factory=CellCounts)

    @property
    def verdict(self) -> Verdict:
        """Return `differs`, `incomplete` where something could not be verified, or `agrees`."""
        if self.findings:
            return "differs"
        return "incomplete" if self.unverifiable else "agrees"

    @property
    def missed(self) -> float:
        """Return the chance that one altered item was not among those recomputed."""
        return miss_chance(self.videos, len(self.recomputed))

    def take(self, findings: Iterable[RunFinding]) -> None:
        """Add findings."""
        self.findings += list(findings)

    def refuse(self, error: LvbenchError) -> None:
        """Add an error as a finding."""
        self.findings.append(error_finding(error))

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain JSON."""
        return {
            "schema": 1,
            "run": self.folder.name,
            "protocol": self.protocol,
            "signature": self.signature,
            "verdict": self.verdict,
            "findings": [_plain(asdict(finding)) for finding in self.findings],
            "unverifiable": [asdict(one) for one in self.unverifiable],
            "notes": self.notes,
            "items": {
                "videos": self.videos,
                "drawn": self.drawn,
                "recomputed": self.recomputed,
                "seed": self.seed,
                "chance_of_missing_one": self.missed,
                "altered_found_with_95_percent": found_with(self.videos, len(self.recomputed)),
            },
            "cells": asdict(self.cells) | {"exact": self.exact},
        }


def error_finding(error: LvbenchError) -> RunFinding:
    """Return an error as a finding."""
    where = Path(error.where).name or error.where
    return RunFinding(error.code, where, detail=error.found[:500])


def _plain(value: Any) -> Any:
    """Return a value as strict JSON: a hostile file may state anything."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not -1e308 < value < 1e308:
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
