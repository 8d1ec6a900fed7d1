"""The figure of a run: each drifting quantity over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.report.tables.describe import (
    OVER_TIME,
    component_key,
    describe,
    metric_info,
    series_title,
)
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Series

Floats = NDArray[np.float64]

MOST_LINES = 8
_START_SHARE = 0.1
_FEWEST_FOR_MEDIAN = 3
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """One video's curve: seconds, and the change from the video's own start."""

    video: str
    t: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over time.

    Attributes:
        key: Name of the metric.
        title: Title of the quantity.
        unit: Its unit.
        lines: One curve per video.
        t: Seconds of the common grid, `(n,)`, up to the time that half of the videos reach.
        median: Median over the videos that reach each time, `(n,)`.
        low: Lower quartile, `(n,)`.
        high: Upper quartile, `(n,)`.
        n_start: Videos at the start.
        n_end: Videos at the end of the median.
        onset: Median onset in seconds over videos, None where fewer than half have one.
        onsets: Onset of each video that has one.
    """

    key: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    t: Floats
    median: Floats
    low: Floats
    high: Floats
    n_start: int
    n_end: int
    onset: float | None
    onsets: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Panels that share a time axis, and the note below them."""

    panels: tuple[Panel, ...]
    seconds: float
    note: str


def over_time(run: Run) -> Figure:
    """Return the figure of a run: one panel per drifting metric that has a series.

    A curve is drawn as its change from the video's own start (the median of its first 10 %), so
    that videos of different content can share a panel and the end of a curve is its end level.
    """
    names = sorted({name for item in run.items for name in item.metrics})
    drifting = [name for name in names if describe(name).group == OVER_TIME]
    panels = [panel for name in drifting if (panel := _panel(name, run)) is not None]
    seconds = _shared_seconds(run.items)
    return Figure(tuple(panels), seconds, _note(run.items, seconds) if panels else "")


def drawn_series(metric: str, series: dict[str, Series]) -> tuple[str, str] | None:
    """Return name and unit of the series that reports draw for a metric, or None without any.

    A metric derived from another metric's series has none: its curve would be drawn twice.
    """
    info = metric_info(metric)
    if info is not None and info.needs_metrics:
        return None
    declared = info.series if info else {}
    for name in (*declared, *sorted(series)):
        if name in series and series[name].t:
            return name, declared.get(name, "")
    return None


def series_component(metric: str, series: str, part: str) -> str:
    """Return the component with a part (`onset`) of a series: the metric's, or the series' own."""
    own = f"{series}_{part}"
    info = metric_info(metric)
    return own if info is not None and own in info.components else part


def _panel(metric: str, run: Run) -> Panel | None:
    lines, label = [], None
    for item in run.items:
        score = item.metrics.get(metric)
        drawn = drawn_series(metric, score.series) if score else None
        if score is None or drawn is None:
            continue
        label = drawn
        series = score.series[drawn[0]]
        lines.append(_change(item.video.id, series))
    if label is None:
        return None
    onset = series_component(metric, label[0], "onset")
    onset_score = run.scores.get(component_key(metric, onset))
    parts = [item.metrics[metric].components for item in run.items if metric in item.metrics]
    onsets = tuple(sorted(p[onset] for p in parts if onset in p))
    # Where most videos end before an onset, its median would rest on the few longest.
    common = onset_score is not None and 2 * len(onsets) >= len(lines)
    t, quartiles, n_end = _quartiles(lines)
    return Panel(
        key=metric, title=series_title(metric, label[0]), unit=label[1], lines=tuple(lines), t=t,
        median=quartiles[1], low=quartiles[0], high=quartiles[2], n_start=len(lines), n_end=n_end,
        onset=onset_score.value if onset_score and common else None, onsets=onsets,
    )  # fmt: skip


def _change(video: str, series: Series) -> Line:
    t, y = np.asarray(series.t, np.float64), np.asarray(series.y, np.float64)
    start = t <= t[0] + _START_SHARE * (t[-1] - t[0])
    return Line(video, t, y - np.median(y[start]))


def gaps(t: Floats) -> NDArray[np.int64]:
    """Return the indices after which a curve breaks, because segments have no value."""
    steps = np.diff(t)
    return np.flatnonzero(steps > _GAP * np.median(steps)) if len(steps) else np.empty(0, np.int64)


def with_breaks(t: Floats, *values: Floats) -> list[Floats]:
    """Return times and values of a curve, with NaN where it breaks."""
    after = gaps(t) + 1
    return [np.insert(np.asarray(part, np.float64), after, np.nan) for part in (t, *values)]


def _quartiles(lines: list[Line]) -> tuple[Floats, Floats, int]:
    """Return grid, quartiles `(3, n)` and the number of videos at the end of the grid.

    The grid ends where fewer than half of the videos go on: beyond, the median would move
    because the set of videos changes.
    """
    steps = [float(np.median(np.diff(line.t))) for line in lines if len(line.t) > 1]
    fewest = max(_FEWEST_FOR_MEDIAN, math.ceil(len(lines) / 2))
    empty = np.empty(0), np.empty((3, 0)), 0
    if not steps or len(lines) < _FEWEST_FOR_MEDIAN:
        return empty
    step = max(steps)
    cells = [np.floor(line.t / step + 1e-6).astype(int) for line in lines]
    table = np.full((len(lines), max(int(c[-1]) for c in cells) + 1), np.nan)
    for row, cell, line in zip(table, cells, lines, strict=True):
        row[cell] = line.y
    counts = np.isfinite(table).sum(axis=0)
    kept = np.flatnonzero(counts >= fewest)
    if not len(kept):
        return empty
    quartiles = np.nanquantile(table[:, kept], [0.25, 0.5, 0.75], axis=0)
    middles = np.asarray((kept + 0.5) * step, np.float64)
    return middles, np.asarray(quartiles, np.float64), int(counts[kept[-1]])


def _shared_seconds(items: list[ItemRecord]) -> float:
    """Return the end of the time axis: the last time that a quarter of the videos reach."""
    ends = sorted((_seconds(item) for item in items if _seconds(item) > 0), reverse=True)
    if not ends:
        return 1.0
    return ends[0] if len(ends) < MOST_LINES else ends[math.ceil(len(ends) / 4) - 1]


def _seconds(item: ItemRecord) -> float:
    ends = [s.t[-1] for m in item.metrics.values() for s in m.series.values() if s.t]
    return max([item.video.duration or 0.0, *ends]) if ends else 0.0


def _note(items: list[ItemRecord], seconds: float) -> str:
    note = "Change from each video's own start. Line: median over videos; band: middle half"
    note += "; ticks below: onset in each video."
    longer = [_seconds(item) for item in items if _seconds(item) > seconds + 1e-9]
    if longer:
        count = f"{len(longer)} video is" if len(longer) == 1 else f"{len(longer)} videos are"
        note += f" {count} longer than the axis, up to {max(longer):.0f} s."
    return note
