"""What a board draws of all its models: drift over time, quality against cost and length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lvbench.leaderboard.board import takes_part
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.palette import Style, model_key
from lvbench.leaderboard.schema import Curve
from lvbench.report.tables.describe import describe
from lvbench.report.tables.headlines import COST
from lvbench.results.schema import Score


@dataclass(frozen=True, slots=True)
class Drawn:
    """One model's curve; without a style it is grey."""

    model: str
    style: Style | None
    curve: Curve


@dataclass(frozen=True, slots=True)
class DriftPanel:
    """One drifting quantity of all models."""

    key: str
    title: str
    unit: str
    lines: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One model on a plane: cost or length, and a score with its interval.

    Attributes:
        model: Organisation and model.
        style: How it is drawn.
        x: Seconds to make a second, or length in seconds.
        score: The score.
        on_frontier: Whether none is at least as good and as cheap, and better in one of both.
    """

    model: str
    style: Style | None
    x: float
    score: Score
    on_frontier: bool = False

    @property
    def y(self) -> float:
        """Return the score's value."""
        assert self.score.value is not None
        return self.score.value


@dataclass(frozen=True, slots=True)
class PointPanel:
    """One score of all models against cost or length."""

    key: str
    title: str
    unit: str
    higher_is_better: bool
    points: tuple[Point, ...]


def drift_panels(entries: Sequence[Entry], styles: Mapping[str, Style]) -> list[DriftPanel]:
    """Return one panel for each quantity that two models or more have a curve of.

    Bounds are drawn in grey: they are where a model's curve is read against.
    """
    keys = sorted({key for entry in entries for key in entry.row.curves}, key=_order)
    panels = []
    for key in keys:
        lines = tuple(
            Drawn(entry.name, _style(entry, styles), entry.row.curves[key])
            for entry in entries
            if key in entry.row.curves
        )
        if len(lines) > 1:
            curve = lines[0].curve
            panels.append(DriftPanel(key, curve.title, curve.unit, lines))
    return panels


def cost_panels(
    entries: Sequence[Entry], keys: Sequence[str], styles: Mapping[str, Style]
) -> list[PointPanel]:
    """Return one panel for each score with a direction, of the models that tell what they cost.

    A model whose gate has failed, and a bound, has no place on the frontier and is not drawn;
    nor is a score that is the same for all.
    """
    panels = []
    for key in keys:
        points = [
            Point(entry.name, _style(entry, styles), cost.value, score)
            for entry in entries
            if (score := entry.record.scores.get(key)) is not None
            and takes_part(entry, score)
            and (cost := entry.record.scores.get(COST)) is not None
            and cost.value is not None
            and cost.value > 0
        ]
        if len({point.y for point in points}) > 1:
            panels.append(_panel(key, _frontier(points)))
    return panels


def length_panels(
    timed: Iterable[tuple[float, Entry, Mapping[str, Score]]], styles: Mapping[str, Style]
) -> list[PointPanel]:
    """Return one panel for each score that some model has at two lengths or more.

    Args:
        timed: Length in seconds, a row, and its scores at that length.
        styles: How models are drawn.
    """
    found: dict[str, list[Point]] = {}
    for seconds, entry, scores in timed:
        for key, score in scores.items():
            about = describe(key)
            if about.component is None and about.group != COST and takes_part(entry, score):
                point = Point(model_key(entry), _style(entry, styles), seconds, score)
                found.setdefault(key, []).append(point)
    panels = []
    for key in sorted(found, key=_order):
        lengths: dict[str, set[float]] = {}
        for point in found[key]:
            lengths.setdefault(point.model, set()).add(point.x)
        several = {model for model, own in lengths.items() if len(own) > 1}
        points = [point for point in found[key] if point.model in several]
        if points:
            panels.append(_panel(key, points))
    return panels


def _panel(key: str, points: Sequence[Point]) -> PointPanel:
    score = points[0].score
    better = bool(score.higher_is_better)
    return PointPanel(key, describe(key).title, score.unit, better, tuple(points))


def _frontier(points: Sequence[Point]) -> list[Point]:
    def place(point: Point) -> tuple[float, float]:
        return point.x, -point.y if point.score.higher_is_better else point.y

    found, best = [], float("inf")
    for point in sorted(points, key=lambda p: (*place(p), p.model)):
        on = place(point)[1] < best
        best = min(best, place(point)[1])
        found.append(Point(point.model, point.style, point.x, point.score, on))
    return found


def _style(entry: Entry, styles: Mapping[str, Style]) -> Style | None:
    return None if entry.row.baseline is not None else styles.get(model_key(entry))


def _order(key: str) -> tuple[int, str, str, int, str]:
    return describe(key).order
