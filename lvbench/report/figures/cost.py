"""The figure of quality against cost, the generation time per second of video."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.report.tables.describe import COST, component_key, describe
from lvbench.report.tables.headlines import Headline, headlines
from lvbench.report.tables.rounding import significant, with_interval
from lvbench.report.tables.table import readable
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Score
from lvbench.stats.power_law import groups_of_size

Floats = NDArray[np.float64]

FEWEST_POINTS = 3
MOST_GROUPS = 8


@dataclass(frozen=True, slots=True)
class Group:
    """The videos of about one length in a panel: medians, and the middle half of the quality."""

    length: float
    cost: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CostPanel:
    """One headline score against generation time per second.

    Attributes:
        key: Key of the score.
        title: Title of the score.
        unit: Its unit.
        higher_is_better: Its good direction.
        cost: Generation time per second of each video, `(n,)`.
        value: The score of each, `(n,)`.
        groups: By length; empty where the videos have one length only, or too many.
    """

    key: str
    title: str
    unit: str
    higher_is_better: bool
    cost: Floats
    value: Floats
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Generation time against length of the videos, both in seconds, `(n,)`.

    Attributes:
        exponent: Exponent of the power law that is drawn; None without three lengths.
        summary: The exponent with its interval, or why there is none.
    """

    length: Floats
    seconds: Floats
    exponent: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class CostFigure:
    """The panels, with the sentence above and the note below them."""

    growth: Growth
    panels: tuple[CostPanel, ...]
    summary: str
    note: str


def against_cost(run: Run) -> CostFigure | None:
    """Return the figure of a run, or None where no manifest states generation times.

    Scores with a failed gate are left out and named: a still picture is cheap and scores high.
    """
    known = [item for item in run.items if _cost(item) is not None]
    score = run.scores.get(COST)
    if not known or score is None or score.value is None:
        return None
    panels, gated = [], []
    for headline in headlines(run):
        panel = _panel(headline, known)
        if panel is None:
            continue
        if any(gate.failed for gate in run.scores[headline.key].gates):
            gated.append(panel.title)
        else:
            panels.append(panel)
    growth = _growth(known, run.scores.get(component_key(COST, "exponent")))
    return CostFigure(growth, tuple(panels), _summary(run, score, growth), _note(panels, gated))


def _cost(item: ItemRecord) -> float | None:
    score = item.metrics.get(COST)
    return None if score is None else score.value


def _length(item: ItemRecord) -> float:
    return item.metrics[COST].components["length"]


def _panel(headline: Headline, items: list[ItemRecord]) -> CostPanel | None:
    points = [
        (_length(item), cost, value)
        for item in items
        if (cost := _cost(item)) is not None and (value := headline.value(item)) is not None
    ]
    if len(points) < FEWEST_POINTS:
        return None
    length, cost, value = np.asarray(points, np.float64).T
    if value.min() == value.max():
        return None
    return CostPanel(
        headline.key, describe(headline.key).title, headline.unit, headline.higher_is_better,
        cost, value, _groups(length, cost, value),
    )  # fmt: skip


def _groups(length: Floats, cost: Floats, value: Floats) -> tuple[Group, ...]:
    number = groups_of_size(length)
    count = int(number.max()) + 1
    if not 1 < count <= MOST_GROUPS:
        return ()
    found = []
    for members in (number == i for i in range(count)):
        low, middle, high = map(float, np.quantile(value[members], [0.25, 0.5, 0.75]))
        medians = float(np.median(length[members])), float(np.median(cost[members]))
        found.append(Group(*medians, middle, low, high))
    return tuple(found)


def _growth(items: list[ItemRecord], score: Score | None) -> Growth:
    length = np.array([_length(item) for item in items])
    seconds = length * np.array([_cost(item) for item in items], np.float64)
    if score is None or score.value is None:
        return Growth(length, seconds, None, "unknown, it needs three lengths a tenth apart")
    summary = with_interval(score.value, score.ci_low, score.ci_high)
    return Growth(length, seconds, score.value, summary)


def _summary(run: Run, score: Score, growth: Growth) -> str:
    assert score.value is not None
    shortest, longest = float(growth.length.min()), float(growth.length.max())
    lengths = f"{shortest:.3g} s" + (f" to {longest:.3g} s" if longest > shortest else "")
    count = len(growth.length)
    parts = [
        f"Generation time per second {with_interval(score.value, score.ci_low, score.ci_high)} s "
        f"({count} video{'s' if count != 1 else ''} of {lengths})",
        f"scaling exponent with length: {growth.summary}",
    ]
    for component, words in (
        ("peak_bytes", "peak memory"),
        ("device_peak_bytes", "peak GPU memory"),
        ("energy_joules_per_second", "generation energy per second"),
    ):
        found = run.scores.get(component_key(COST, component))
        if found is not None and found.value is not None:
            shown = readable(found)
            assert shown.value is not None
            parts.append(f"{words} {significant(shown.value)} {shown.unit.removesuffix('/s')}")
    return "; ".join(parts) + "."


def _note(panels: list[CostPanel], gated: list[str]) -> str:
    note = "Measured during generation, on one machine; numbers differ between machines."
    if panels:
        note += " Dots: videos; the arrow shows the good direction."
        if any(panel.groups for panel in panels):
            note += " Rings: medians over the videos of one length, with their middle half."
    if gated:
        note += f" Left out, because a gate has failed: {', '.join(gated)}."
    return note
