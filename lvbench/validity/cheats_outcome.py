"""Does a gate catch a cheat, or does it rank below the clips that it was made of?

Also builds the board of the sources and of several cheats, each as a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.video_pass.tools import Tools
from lvbench.leaderboard.board import Passed, sections
from lvbench.leaderboard.collect import Entry, spread_of_items
from lvbench.leaderboard.ranks import ties
from lvbench.leaderboard.schema import Row
from lvbench.metrics.base import AnyMetric
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

Place = Literal["below", "tied", "above", "gate failed", "not ranked"]
HONEST = "source"
RIVALS = (
    "sprite", "still_grain_3", "still_zoom", "still_shake", "palindrome_zoom", "loop_gain",
    "slides", "pure_noise",
)  # fmt: skip
"""The cheats that share one board with the sources."""
_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a cheat.

    Attributes:
        cheat: Its name.
        gates: By source, the gates that fail on it; empty where none does.
        place: Its place on a board with the sources, over all of them as videos.
        worse: Scores that rank on which it is worse than its source on every source.
    """

    cheat: str
    gates: Mapping[str, tuple[str, ...]]
    place: Place
    worse: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Return whether it fails a gate on every source, or ranks below the sources."""
        return self.place == "below" or all(self.gates.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """The order of a board of the sources and several cheats.

    Attributes:
        left_out: The cheat that is not on it; "" for the board of all.
        groups: The models that rank, the best first; those that are tied in a group.
        gate_failed: Models that a gate excludes.
        unranked: Models without a score that ranks.
        sources: Number of sources.
    """

    left_out: str
    groups: tuple[tuple[str, ...], ...]
    gate_failed: tuple[str, ...]
    unranked: tuple[str, ...]
    sources: int

    @property
    def honest_alone(self) -> bool:
        """Return whether the sources rank, and nothing ranks with or above them."""
        return self.groups[:1] == ((HONEST,),)


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


def outcomes(results: Results, tools: Tools, passed: Passed) -> list[Outcome]:
    """Return what becomes of every cheat that was tried.

    Args:
        results: The trials.
        tools: The metrics of the board, and its gates.
        passed: Whether the score of a key may rank.
    """
    tried = {c for trials in results.values() for c in trials if c.kind == "cheat"}
    return [
        Outcome(
            cheat.name,
            gates_of(results, cheat, list(tools.protocol.gates)),
            place_of(cheat, results, tools, passed),
            tuple(
                key
                for key, metric in tools.metrics.items()
                if passed(key) and _always(metric, key, cheat, results)
            ),
        )
        for cheat in sorted(tried)
    ]


def standings(results: Results, tools: Tools, passed: Passed) -> list[Standing]:
    """Return the board of the sources and the rivals, then the board without each rival.

    Sources on which not every rival was tried are left out; empty where none remains.

    Args:
        results: The trials.
        tools: The metrics of the board, and its gates.
        passed: Whether the score of a key may rank.
    """
    models = {HONEST: UNTOUCHED} | {name: Condition("cheat", name) for name in RIVALS}
    shared = [s for s, trials in results.items() if set(models.values()) <= trials.keys()]
    if not shared:
        return []
    entries = {
        name: _entry(name, [results[source][condition] for source in shared], tools)
        for name, condition in models.items()
    }
    return [_standing(entries, out, len(shared), passed) for out in ("", *RIVALS)]


def _standing(
    entries: Mapping[str, Entry], left_out: str, sources: int, passed: Passed
) -> Standing:
    (section,) = sections([one for name, one in entries.items() if name != left_out], passed)
    groups: list[list[str]] = []
    for entry, rank, new in zip(section.entries, section.ranks, ties(section.ranks), strict=True):
        if rank is not None:
            if new or not groups:
                groups.append([])
            groups[-1].append(entry.row.model)
    unranked = [e for e, rank in zip(section.entries, section.ranks, strict=True) if rank is None]
    return Standing(
        left_out,
        tuple(map(tuple, groups)),
        tuple(entry.row.model for entry in unranked if entry.gate_failed),
        tuple(entry.row.model for entry in unranked if not entry.gate_failed),
        sources,
    )


def _always(metric: AnyMetric, key: str, cheat: Condition, results: Results) -> bool:
    """Return whether a metric's headline is worse for a cheat on every source that was tried."""
    better = metric.info.headline.higher_is_better
    if better is None:
        return False
    tried = [trials for trials in results.values() if {UNTOUCHED, cheat} <= trials.keys()]
    for trials in tried:
        honest, own = (
            trials[condition].scores[key].score.value if key in trials[condition].scores else None
            for condition in (UNTOUCHED, cheat)
        )
        if honest is None or own is None or (own >= honest if better else own <= honest):
            return False
    return bool(tried)


def place_of(cheat: Condition, results: Results, tools: Tools, passed: Passed) -> Place:
    """Return the place of a cheat on a board of two models, the sources and the cheat."""
    both = [s for s, trials in results.items() if cheat in trials and UNTOUCHED in trials]
    entries = [
        _entry(name, [results[source][condition] for source in both], tools)
        for name, condition in ((HONEST, UNTOUCHED), (cheat.name, cheat))
    ]
    (section,) = sections(entries, passed)
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
    return "above" if own.worst < honest.best else "tied"


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
