"""Figures of a board over all models: drift over time, quality against cost and length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lvbench.leaderboard.board import Section, takes_part
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.schema import Curve
from lvbench.report.figures.colours import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION
from lvbench.report.figures.svg import themed
from lvbench.report.tables.describe import COST, describe
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import statistic_interval

# Without sky blue: dark pages show blue in that colour.
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, INK)
DASHES = ("", "5 2", "1.5 1.5")

Timed = tuple[float, Entry, Mapping[str, Score]]

_RESAMPLES = 500
_NAME = re.compile(r"^lvb-(\d+)s$")


@dataclass(frozen=True, slots=True)
class Style:
    """How a model is drawn: colour, and dashes in points where colours repeat."""

    colour: str
    dash: str

    @property
    def on_page(self) -> str:
        """Return the colour's CSS variable, light or dark."""
        return themed(self.colour)


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
        x: Generation time per second, or length in seconds.
        score: The score.
        on_frontier: Whether no other model is at least as good and as cheap, and better in one.
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


def palette(entries: Iterable[Entry]) -> Mapping[str, Style]:
    """Return the styles of the first models in order, by `model_key`; later ones have none."""
    styles = [Style(colour, dash) for dash in DASHES for colour in COLOURS]
    return dict(zip(dict.fromkeys(map(model_key, entries)), styles, strict=False))


def model_key(entry: Entry) -> str:
    """Return organisation and model, without the revision."""
    return f"{entry.row.organisation}/{entry.row.model}".lower()


def drift_panels(entries: Sequence[Entry], styles: Mapping[str, Style]) -> list[DriftPanel]:
    """Return one panel for each quantity of which two models or more have a curve.

    Bounds are drawn in grey, for comparison.
    """
    panels = []
    for key in sorted({key for entry in entries for key in entry.row.curves}, key=_order):
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
    """Return one panel for each score with a direction, over the models whose cost is known.

    Bounds and models with a failed gate are left out, and scores that are the same for all.
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


def length_panels(timed: Iterable[Timed], styles: Mapping[str, Style]) -> list[PointPanel]:
    """Return one panel for each score that a model has at two lengths or more.

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
        points = [point for point in found[key] if len(lengths[point.model]) > 1]
        if points:
            panels.append(_panel(key, points))
    return panels


def seconds_of(protocol: str) -> float | None:
    """Return the length in the name of an `lvb-<n>s` protocol; None for any other."""
    match = _NAME.match(protocol)
    return float(match[1]) if match else None


def by_length(found: Mapping[str, Sequence[Section]]) -> list[Timed]:
    """Return the rows of lvb-30s, lvb-60s and lvb-180s, newest versions, with seconds."""
    timed: list[Timed] = []
    for protocol, sections in found.items():
        seconds = seconds_of(protocol)
        entries = [e for section in sections for e in section.comparable]
        if seconds is None or not entries:
            continue
        newest = max(entry.record.protocol.version for entry in entries)
        timed += [
            (seconds, entry, entry.record.scores)
            for entry in entries
            if entry.record.protocol.version == newest
        ]
    return timed


def split_by_length(entries: Iterable[Entry]) -> list[Timed]:
    """Return the rows whose videos have several lengths, with their scores at each."""
    return [
        (seconds, entry, _scores(entry, values))
        for entry in entries
        for seconds, values in sorted(entry.spread.by_length.items())
    ]


def _scores(entry: Entry, values: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, Score]:
    found = {}
    for metric, own in values.items():
        score, statistic = entry.record.scores.get(metric), describe(metric).statistic
        if score is None or score.higher_is_better is None:
            continue
        if statistic not in ("mean", "median", "median_absolute"):
            continue
        clusters, numbers = zip(*own, strict=True)
        interval = statistic_interval(numbers, clusters, statistic, resamples=_RESAMPLES)
        count = {"n_scored": len(own), "n_expected": len(own), "n_failed": 0}
        bounds = {"value": interval.value, "ci_low": interval.low, "ci_high": interval.high}
        found[metric] = score.model_copy(update=bounds | count)
    return found


def _panel(key: str, points: Sequence[Point]) -> PointPanel:
    score = points[0].score
    better = bool(score.higher_is_better)
    return PointPanel(key, describe(key).title, score.unit, better, tuple(points))


def _frontier(points: Sequence[Point]) -> list[Point]:
    def badness(point: Point) -> float:
        return -point.y if point.score.higher_is_better else point.y

    found, best = [], float("inf")
    for point in sorted(points, key=lambda p: (p.x, badness(p), p.model)):
        found.append(replace(point, on_frontier=badness(point) < best))
        best = min(best, badness(point))
    return found


def _style(entry: Entry, styles: Mapping[str, Style]) -> Style | None:
    return None if entry.row.baseline is not None else styles.get(model_key(entry))


def _order(key: str) -> tuple[int, str, str, int, str]:
    return describe(key).order
