"""What the page of a board shows of one section: bars, filters, figures, table, details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lvbench.leaderboard.board import Section
from lvbench.leaderboard.costs import CostAxis, CostMark, cost_axis
from lvbench.leaderboard.details import OPEN, Details, details
from lvbench.leaderboard.figures import cost_panels, drift_panels, length_panels
from lvbench.leaderboard.lengths import split_by_length
from lvbench.leaderboard.palette import Style, model_key
from lvbench.report.page.timeline import VIEW_WIDTH

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Bar:
    """A model's rank range in the drawing, in its units, and what it cost where it tells."""

    key: str
    name: str
    detail: str
    link: str | None
    x: float
    width: float
    rule: bool
    display: str
    cost: CostMark | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A section as its page shows it.

    Attributes:
        section: The section.
        bars: Rank ranges of the ranked models.
        cost: The axis of cost beside them; None where nobody tells.
        legend: Models that have a colour, with it.
        drift: Drawings of quantities over time.
        costs: Drawings of quality against cost.
        lengths: Drawings of quality against length, where the run's own videos differ in it.
        models: Every model, opened.
        links: Where a row's name leads, by key.
        about: What rows are filtered by, by key.
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
    """Return the view of a section; `prefix` tells sections on one page apart."""
    from markupsafe import Markup

    from lvbench.leaderboard.figures_draw import cost_svg, drift_svg, length_svg

    drawn, cost = bars(section)
    entries = section.entries
    models = tuple(
        details(entry, rank, prefix) for entry, rank in zip(entries, section.ranks, strict=True)
    )
    legend = {
        entry.row.model: styles[model_key(entry)]
        for entry in entries
        if model_key(entry) in styles and entry.row.baseline is None
    }
    alike = section.comparable
    drift = drift_panels(alike, styles)
    costs = cost_panels(alike, section.keys, styles)
    lengths = length_panels(split_by_length(alike), styles)
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
                "source": "verified" if entry.row.verified else "self-reported",
                "weights": OPEN[entry.row.open_weights],
                "gates": row.cells[-2].display.partition(":")[0],
            }
            for entry, row in zip(entries, section.table.rows, strict=True)
        },
    )


def bars(section: Section) -> tuple[list[Bar], CostAxis | None]:
    """Return the rank ranges of the ranked models of a section, as drawn, and the axis of cost."""
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
            detail=f"{entry.detail}, {'verified' if entry.row.verified else 'self-reported'}",
            link=entry.report or entry.row.url,
            x=round((rank.best - 1) * scale, 1),
            width=round((rank.worst - rank.best + 1) * scale, 1),
            rule=row.rule,
            display=row.cells[0].display,
            cost=cost,
        )
        for (entry, rank, row), cost in zip(ranked, costs, strict=True)
    ]
    return drawn, axis
