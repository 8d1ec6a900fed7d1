"""What the ranked models cost, on one axis beside their ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lvbench.report.page.timeline import VIEW_WIDTH, Tick
from lvbench.report.tables.headlines import COST
from lvbench.report.tables.rounding import round_numbers, with_interval
from lvbench.results.schema import Score

_ROOM = 1.15


@dataclass(frozen=True, slots=True)
class CostMark:
    """Seconds to make a second, in units of the drawing: the point and its interval."""

    x: float
    low: float
    high: float
    display: str


@dataclass(frozen=True, slots=True)
class CostAxis:
    """One mark per model, None for one that does not tell, on a logarithmic axis."""

    marks: tuple[CostMark | None, ...]
    ticks: tuple[Tick, ...]


def cost_axis(runs: Sequence[dict[str, Score]]) -> CostAxis | None:
    """Return the costs of models by their scores, or None where none tells."""
    spans = [_span(scores.get(COST)) for scores in runs]
    ends = [end for span in spans if span is not None for end in span]
    if not ends:
        return None
    least, most = math.log(min(ends) / _ROOM), math.log(max(ends) * _ROOM)

    def place(value: float) -> float:
        return round(VIEW_WIDTH * (math.log(value) - least) / (most - least), 1)

    marks: list[CostMark | None] = []
    for span, scores in zip(spans, runs, strict=True):
        if span is None:
            marks.append(None)
            continue
        score = scores[COST]
        assert score.value is not None
        said = f"{with_interval(score.value, score.ci_low, score.ci_high)} {score.unit}"
        marks.append(CostMark(place(score.value), place(span[0]), place(span[-1]), said))
    numbers = round_numbers(math.exp(least), math.exp(most), most=5)
    ticks = tuple(Tick(place(n) * 100 / VIEW_WIDTH, f"{n:g}") for n in numbers)
    return CostAxis(tuple(marks), ticks)


def _span(score: Score | None) -> tuple[float, ...] | None:
    """Return lower bound, value and upper bound where they have a logarithm."""
    if score is None or score.value is None or score.value <= 0:
        return None
    low, high = score.ci_low, score.ci_high
    # A bound at 0 has no place on the axis: the point stands without an interval.
    if low is None or high is None or low <= 0:
        return (score.value,)
    return low, score.value, high
