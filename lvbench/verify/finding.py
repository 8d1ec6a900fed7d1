"""What verification found: what differs, what could not be looked at, and how sure that makes."""

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
    """Say where a run is not what its videos and its protocol make it.

    Attributes:
        code: What kind of finding it is.
        where: File of the run folder, or video.
        cell: What in it: a metric, a component, a series, a key; empty where it is the whole.
        stated: What the run says.
        recomputed: What it should say.
        difference: How far numbers lie apart, as a share of the larger or of their series' scale;
            None for what is no number.
        tolerance: How far they may; None where only equality will do.
        detail: A sentence where the cells do not speak for themselves.
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
    """Say what could not be verified, and why.

    Attributes:
        what: A video, a metric or a score.
        code: What kind of reason it is.
        reason: A sentence with what would fix it.
    """

    what: str
    code: str
    reason: str


@dataclass(slots=True)
class CellCounts:
    """Count cells that were compared.

    Attributes:
        equal: Cells that are the same to the last bit.
        within: Cells that differ within their tolerance.
        largest: The largest difference among these, in units of its tolerance.
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
    """What is known of a run after it was verified.

    Attributes:
        folder: The run folder.
        protocol: Name and version.
        signature: The run's signature.
        signed: The signature, or that there is none, with the id.
        findings: What differs.
        unverifiable: What was to be looked at and could not be.
        notes: What a reader should know beside.
        videos: Videos of the run.
        drawn: Ids of the videos that were to be recomputed.
        recomputed: Ids of those that were.
        seed: The seed that they were drawn with; None where all were taken.
        exact: Whether cells had to be the same to the last bit.
        cells: Cells of items that were compared.
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
        """Return `differs`, or `incomplete` where something asked for could not be looked at."""
        if self.findings:
            return "differs"
        return "incomplete" if self.unverifiable else "agrees"

    @property
    def missed(self) -> float:
        """Return the chance that one altered item was not among those recomputed."""
        return miss_chance(self.videos, len(self.recomputed))

    def take(self, findings: Iterable[RunFinding]) -> None:
        """Add findings."""
        self.findings += findings

    def refuse(self, error: LvbenchError) -> None:
        """Add what an error says as a finding."""
        self.findings.append(error_finding(error))

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
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


def error_finding(error: LvbenchError, code: str | None = None) -> RunFinding:
    """Return what an error says as a finding."""
    where = Path(error.where).name or error.where
    return RunFinding(code or error.code, where, detail=error.found[:500])


def _plain(value: Any) -> Any:
    """Return a value that strict JSON can hold: what a hostile file states may be anything."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not -1e308 < value < 1e308:
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
