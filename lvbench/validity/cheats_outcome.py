"""Does a gate catch a cheat, or does it rank below the clips that it was made of?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.video_pass.tools import Tools
from lvbench.leaderboard.board import sections
from lvbench.leaderboard.collect import Entry, spread_of_items
from lvbench.leaderboard.schema import Row
from lvbench.protocol.schema import GateEntry
from lvbench.results.schema import (
    ItemRecord,
    ItemScore,
    ProtocolRecord,
    RunRecord,
    VideoRecord,
)
from lvbench.validity.condition import UNTOUCHED, Condition
from lvbench.validity.table import Results
from lvbench.validity.trials import Trial

Place = Literal["below", "tied, below", "tied", "tied, above", "above", "gate failed", "not ranked"]
HONEST = "source"
_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a cheat.

    Attributes:
        cheat: Its name.
        gates: By source, the gates that fail on it; empty where none does.
        place: Its place on a board with the sources, over all of them as videos.
    """

    cheat: str
    gates: Mapping[str, tuple[str, ...]]
    place: Place

    @property
    def caught(self) -> bool:
        """Return whether it fails a gate on every source, or ranks below the sources."""
        return self.place == "below" or all(self.gates.values())


def failed_gates(trial: Trial, gates: list[GateEntry]) -> tuple[str, ...]:
    """Return the metrics whose gate a clip breaks; a metric that failed breaks its gate too."""
    found = []
    for gate in gates:
        measured = trial.scores.get(gate.metric)
        if measured is None:
            continue
        score = measured.score
        if score.status == "failed" or (score.value is not None and score.value > gate.value):
            found.append(gate.metric)
    return tuple(found)


def gates_of(
    results: Results, condition: Condition, gates: list[GateEntry]
) -> dict[str, tuple[str, ...]]:
    """Return by source the gates that break under a condition."""
    return {
        source: failed_gates(trials[condition], gates)
        for source, trials in results.items()
        if condition in trials
    }


def outcomes(results: Results, tools: Tools) -> list[Outcome]:
    """Return what becomes of every cheat that was tried.

    Args:
        results: The trials.
        tools: The metrics of the board, and its gates.
    """
    tried = {c for trials in results.values() for c in trials if c.kind == "cheat"}
    return [
        Outcome(
            cheat.name,
            gates_of(results, cheat, list(tools.protocol.gates)),
            place_of(cheat, results, tools),
        )
        for cheat in sorted(tried)
    ]


def place_of(cheat: Condition, results: Results, tools: Tools) -> Place:
    """Return the place of a cheat on a board of two models, the sources and the cheat.

    A tie is a place in one group: the board draws no line between the two. The second word is
    then the order of the rows.
    """
    both = [s for s, trials in results.items() if cheat in trials and UNTOUCHED in trials]
    entries = [
        _entry(name, [results[source][condition] for source in both], tools)
        for name, condition in ((HONEST, UNTOUCHED), (cheat.name, cheat))
    ]
    (section,) = sections(entries)
    ranks = {
        entry.row.model: rank for entry, rank in zip(section.entries, section.ranks, strict=True)
    }
    gated = {entry.row.model: entry.gate_failed for entry in section.entries}
    if gated[cheat.name]:
        return "gate failed"
    own, honest = ranks[cheat.name], ranks[HONEST]
    if own is None or honest is None:
        return "not ranked"
    if honest.worst < own.best:
        return "below"
    if own.worst < honest.best:
        return "above"
    if own.middle == honest.middle:
        return "tied"
    return "tied, below" if honest.middle < own.middle else "tied, above"


def _entry(model: str, trials: list[Trial], tools: Tools) -> Entry:
    items = [_item(trial, tools) for trial in trials]
    protocol = ProtocolRecord(name="validity", version=1, draft=True, hash=_HASH)
    run = RunRecord(
        status="complete",
        title=model,
        protocol=protocol,
        signature=None,
        videos={"expected": len(items), "failed": 0},
        scores=aggregate(tools, items),
        environment={},
        timing={},
    )
    row = Row(model=model, organisation="validity", revision="1", draft=True, run=run)
    return Entry(row, None, spread_of_items(items))


def _item(trial: Trial, tools: Tools) -> ItemRecord:
    """Return the record of a video that has the trial's scores; the source is its prompt."""
    missing = ItemScore(status="failed", code="not_tried", detail="no trial has it")
    scores = {
        key: trial.scores[key].score if key in trial.scores else missing for key in tools.metrics
    }
    video = VideoRecord(id=trial.source, path=trial.source, cluster=trial.source)
    return ItemRecord(identity=_HASH, video=video, metrics=scores)
