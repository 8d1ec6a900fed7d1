"""Prepare one section of a board for its page: bars, filters, figures, table, details."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lvbench.leaderboard.board import BOUNDS, Section
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.figures import (
    Style,
    cost_panels,
    drift_panels,
    length_panels,
    model_key,
    split_by_length,
)
from lvbench.leaderboard.ranks import Rank
from lvbench.report.page.timeline import VIEW_WIDTH, Tick
from lvbench.report.tables.describe import COST, broken, failure
from lvbench.report.tables.rounding import round_numbers, with_interval
from lvbench.report.tables.table import Table, score_table
from lvbench.results.run import Run
from lvbench.results.schema import Score

if TYPE_CHECKING:
    from markupsafe import Markup

_OPEN = {True: "open", False: "closed", None: "not stated"}
_MARGIN = 1.15


@dataclass(frozen=True, slots=True)
class CostMark:
    """Generation time per second, in units of the drawing: the point and its interval."""

    x: float
    low: float
    high: float
    display: str


@dataclass(frozen=True, slots=True)
class CostAxis:
    """One mark per model, None for one without a cost, on a logarithmic axis."""

    marks: tuple[CostMark | None, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A model's rank range, in units of the drawing, and its cost where it is known."""

    key: str
    name: str
    detail: str
    x: float
    width: float
    rule: bool
    display: str
    cost: CostMark | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """A model's details, shown when it is opened: facts, commands, all scores, links."""

    anchor: str
    key: str
    name: str
    facts: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    signature: str
    table: Table
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class View:
    """A section as its page shows it.

    Attributes:
        bars: Rank ranges of the ranked models.
        cost: The axis of their costs; None where no model has one.
        legend: Models that have a colour, with it.
        drift: Drawings of quantities over time.
        costs: Drawings of quality against cost.
        lengths: Drawings of quality against length, for runs of several lengths.
        models: The details of every model.
        links: Target of a row's name, by key.
        about: Values of the filters, by key.
    """

    section: Section
    bars: list[Bar]
    cost: CostAxis | None
    legend: tuple[tuple[str, Style], ...]
    drift: tuple[Markup, ...]
    costs: tuple[Markup, ...]
    lengths: tuple[Markup, ...]
    models: tuple[Details, ...]
    links: Mapping[str, str]
    about: Mapping[str, Mapping[str, str]]


def view(section: Section, styles: Mapping[str, Style], prefix: str) -> View:
    """Return the view of a section; `prefix` makes its ids unique on the page."""
    from markupsafe import Markup

    from lvbench.leaderboard.draw import cost_svg, drift_svg, length_svg

    drawn, cost = bars(section)
    entries = section.entries
    models = tuple(
        _details(entry, rank, prefix) for entry, rank in zip(entries, section.ranks, strict=True)
    )
    legend = {
        entry.row.model: styles[model_key(entry)]
        for entry in entries
        if model_key(entry) in styles and entry.row.baseline is None
    }
    comparable = section.comparable
    drift = drift_panels(comparable, styles)
    costs = cost_panels(comparable, section.keys, styles)
    lengths = length_panels(split_by_length(comparable), styles)
    return View(
        section=section,
        bars=drawn,
        cost=cost,
        legend=tuple(legend.items()) if drift or costs else (),
        drift=tuple(Markup(drift_svg(panel, prefix)) for panel in drift),
        costs=tuple(Markup(cost_svg(panel, prefix)) for panel in costs),
        lengths=tuple(Markup(length_svg(panel, prefix)) for panel in lengths),
        models=models,
        links={model.key: f"#{model.anchor}" for model in models},
        about={
            entry.key: {
                "source": entry.source,
                "weights": _OPEN[entry.row.open_weights],
                "gates": row.cells[-2].display.partition(":")[0],
            }
            for entry, row in zip(entries, section.table.rows, strict=True)
        },
    )


def bars(section: Section) -> tuple[list[Bar], CostAxis | None]:
    """Return the rank ranges of a section's ranked models, as drawn, and the axis of cost."""
    ranked = [
        (entry, rank, row)
        for entry, rank, row in zip(section.entries, section.ranks, section.table.rows, strict=True)
        if rank is not None
    ]
    scale = VIEW_WIDTH / max(1, len(ranked))
    axis = cost_axis([entry.record.scores for entry, _, _ in ranked])
    costs = axis.marks if axis else (None,) * len(ranked)
    drawn = [
        Bar(
            key=entry.key,
            name=entry.row.model,
            detail=f"{entry.detail}, {entry.source}",
            x=round((rank.best - 1) * scale, 1),
            width=round((rank.worst - rank.best + 1) * scale, 1),
            rule=row.rule,
            display=row.cells[0].display,
            cost=cost,
        )
        for (entry, rank, row), cost in zip(ranked, costs, strict=True)
    ]
    return drawn, axis


def cost_axis(runs: Sequence[Mapping[str, Score]]) -> CostAxis | None:
    """Return the costs of models by their scores, or None where no model has one."""
    spans = [_span(scores.get(COST)) for scores in runs]
    ends = [end for span in spans if span is not None for end in span]
    if not ends:
        return None
    least, most = math.log(min(ends) / _MARGIN), math.log(max(ends) * _MARGIN)

    def place(value: float) -> float:
        return round(VIEW_WIDTH * (math.log(value) - least) / (most - least), 1)

    marks: list[CostMark | None] = []
    for span, scores in zip(spans, runs, strict=True):
        if span is None:
            marks.append(None)
            continue
        score = scores[COST]
        assert score.value is not None
        display = f"{with_interval(score.value, score.ci_low, score.ci_high)} {score.unit}"
        marks.append(CostMark(place(score.value), place(span[0]), place(span[-1]), display))
    numbers = round_numbers(math.exp(least), math.exp(most), most=5)
    ticks = tuple(Tick(place(n) * 100 / VIEW_WIDTH, f"{n:g}") for n in numbers)
    return CostAxis(tuple(marks), ticks)


def _span(score: Score | None) -> tuple[float, ...] | None:
    """Return lower bound, value and upper bound where they have a logarithm."""
    if score is None or score.value is None or score.value <= 0:
        return None
    low, high = score.ci_low, score.ci_high
    # A bound at 0 has no place on the axis: the point is drawn without an interval.
    if low is None or high is None or low <= 0:
        return (score.value,)
    return low, score.value, high


def _details(entry: Entry, rank: Rank | None, prefix: str) -> Details:
    row, run = entry.row, entry.record
    links = [("Report", entry.report), ("Model", row.url)]
    return Details(
        anchor=prefix + re.sub(r"[^a-z0-9]+", "-", entry.key),
        key=entry.key,
        name=entry.name,
        facts=tuple(_facts(entry, rank)),
        commands=_commands(entry),
        signature=run.signature or "",
        table=score_table(Run(Path(), run)),
        links=tuple((name, address) for name, address in links if address),
    )


def _facts(entry: Entry, rank: Rank | None) -> list[tuple[str, str]]:
    row, run = entry.row, entry.record
    ranked = f"{rank.best} to {rank.worst}" if rank else "not ranked"
    by = row.verification
    verified = "self-reported" if by is None else (
        f"verified by {by.by} on {by.date} with lvbench {by.lvbench}, output {by.digest}"
    )  # fmt: skip
    gates = {gate.metric: gate for score in run.scores.values() for gate in score.gates}
    results = [f"{failure(g)}: fail" if g.failed else f"{broken(g)}: pass" for g in gates.values()]
    evaluated = [run.timing.get("finished"), run.environment.get("cpu")]
    facts = [
        ("Rank", f"none: {BOUNDS[row.baseline]}" if row.baseline else ranked),
        ("Source", verified),
        ("Weights", _OPEN[row.open_weights]),
        ("Gates", "; ".join(results)),
        ("Videos", f"{run.videos['expected']}, {run.videos['failed']} failed"),
        ("Evaluated", ", ".join(str(part) for part in evaluated if part)),
    ]
    return [(name, words) for name, words in facts if words]


def _commands(entry: Entry) -> tuple[str, ...]:
    row, protocol = entry.row, entry.record.protocol
    named = f"{protocol.name}@{protocol.version}"
    run = row.reproduce or f"lvbench evaluate VIDEOS --protocol {named} --out RUN"
    if entry.file is None:
        return (run,)
    return run, f"lvbench leaderboard check {'/'.join(entry.file.parts[-4:])}"
