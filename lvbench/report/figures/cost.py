"""Quality against cost: what a second of video took, and how good the video is."""

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
    """One headline score against seconds per generated second.

    Attributes:
        key: Key of the score.
        title: What is drawn.
        unit: Its unit.
        higher_is_better: Its good direction.
        cost: Seconds to make a second, by video, `(n,)`.
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
    """How the time that a video takes grows with its length, seconds both, `(n,)`.

    Attributes:
        exponent: Of the power law that is drawn through them; None without three lengths.
        said: The exponent with its interval; why there is none where there is none.
    """

    length: Floats
    seconds: Floats
    exponent: float | None
    said: str


@dataclass(frozen=True, slots=True)
class CostFigure:
    """The panels, and what is said of cost above and beneath them."""

    growth: Growth
    panels: tuple[CostPanel, ...]
    said: str
    note: str


def against_cost(run: Run) -> CostFigure | None:
    """Return the figure of a run, or None where no manifest says what a video took.

    What a failed gate keeps from being ranked is left out and named: a picture that stands still
    is as cheap as it is perfect.
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
    return CostFigure(growth, tuple(panels), _said(run, score, growth), _note(panels, gated))


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
    about = describe(headline.key)
    return CostPanel(
        key=headline.key,
        title=about.title,
        unit=headline.unit,
        higher_is_better=headline.higher_is_better,
        cost=cost,
        value=value,
        groups=_groups(length, cost, value),
    )


def _groups(length: Floats, cost: Floats, value: Floats) -> tuple[Group, ...]:
    number = groups_of_size(length)
    count = int(number.max()) + 1
    if not 1 < count <= MOST_GROUPS:
        return ()
    found = []
    for members in (number == i for i in range(count)):
        low, middle, high = np.quantile(value[members], [0.25, 0.5, 0.75])
        found.append(
            Group(
                length=float(np.median(length[members])),
                cost=float(np.median(cost[members])),
                value=float(middle),
                low=float(low),
                high=float(high),
            )
        )
    return tuple(found)


def _growth(items: list[ItemRecord], score: Score | None) -> Growth:
    length = np.array([_length(item) for item in items])
    seconds = length * np.array([_cost(item) for item in items], np.float64)
    if score is None or score.value is None:
        return Growth(length, seconds, None, "unknown, it needs three lengths a tenth apart")
    said = with_interval(score.value, score.ci_low, score.ci_high)
    return Growth(length, seconds, score.value, said)


def _said(run: Run, score: Score, growth: Growth) -> str:
    assert score.value is not None
    shortest, longest = float(growth.length.min()), float(growth.length.max())
    lengths = f"{shortest:.3g} s" + (f" to {longest:.3g} s" if longest > shortest else "")
    count = len(growth.length)
    parts = [
        f"{with_interval(score.value, score.ci_low, score.ci_high)} s to make a second "
        f"({count} video{'s' if count != 1 else ''} of {lengths})",
        f"exponent of its growth with length: {growth.said}",
    ]
    for component, words in (
        ("peak_bytes", "peak of main memory"),
        ("device_peak_bytes", "of GPU memory"),
        ("energy_joules_per_second", "energy to make a second"),
    ):
        found = run.scores.get(component_key(COST, component))
        if found is not None and found.value is not None:
            shown = readable(found)
            assert shown.value is not None
            parts.append(f"{words} {significant(shown.value)} {shown.unit.removesuffix('/s')}")
    return "; ".join(parts) + "."


def _note(panels: list[CostPanel], gated: list[str]) -> str:
    said = "Measured while the videos were made, on one machine; another gives other numbers."
    if panels:
        said += " Dots: videos; an arrow points where quality is better."
        if any(panel.groups for panel in panels):
            said += " Rings: medians over the videos of one length, with their middle half."
    if gated:
        said += f" Left out, because a gate has failed: {', '.join(gated)}."
    return said
