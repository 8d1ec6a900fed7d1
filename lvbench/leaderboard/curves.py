"""Compute a model's drift curves, which a board draws for all models."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lvbench.leaderboard.schema import MOST_POINTS, Curve
from lvbench.report.figures.over_time import drawn_series
from lvbench.report.tables.describe import OVER_TIME, describe, series_title
from lvbench.results.schema import ItemRecord, Series
from lvbench.stats.bootstrap import statistic_interval

Floats = NDArray[np.float64]

_START_SHARE = 0.1
_DIGITS = 5


def drift_curves(items: Iterable[ItemRecord]) -> dict[str, Curve]:
    """Return, by metric, the median over videos of the change from each video's own start.

    The band is the 95 % interval of the median over prompts, point by point. A curve ends where
    fewer than half of the videos go on, because a changing set of videos would move it.
    """
    found: dict[str, list[tuple[str, Series]]] = {}
    labels: dict[str, tuple[str, str]] = {}
    for item in items:
        for metric, score in item.metrics.items():
            drawn = drawn_series(metric, score.series)
            if drawn is not None and describe(metric).group == OVER_TIME:
                labels[metric] = drawn
                found.setdefault(metric, []).append((item.video.cluster, score.series[drawn[0]]))
    return {
        metric: curve
        for metric, (series, unit) in sorted(labels.items())
        if (curve := _curve(series_title(metric, series), unit, found[metric])) is not None
    }


def _curve(title: str, unit: str, drawn: list[tuple[str, Series]]) -> Curve | None:
    end = float(np.median([series.t[-1] for _, series in drawn]))
    count = min(MOST_POINTS, max(len(series.t) for _, series in drawn))
    if count < 2 or end <= 0:
        return None
    edges = np.linspace(0.0, end, count + 1)
    table = np.array([_binned(series, edges) for _, series in drawn])
    kept = np.isfinite(table).sum(axis=0) * 2 >= len(drawn)
    if kept.sum() < 2:
        return None
    table, t = table[:, kept], ((edges[1:] + edges[:-1]) / 2)[kept]
    low, high = _band(table, [cluster for cluster, _ in drawn])
    middle = np.nanmedian(table, axis=0)
    return Curve(
        title=title, unit=unit, t=_short(t), median=_short(middle), low=_short(low),
        high=_short(high),
    )  # fmt: skip


def _binned(series: Series, edges: Floats) -> Floats:
    """Return the change from the series' start in every bin; NaN where it has no value."""
    t, y = np.asarray(series.t, np.float64), np.asarray(series.y, np.float64)
    change = y - np.median(y[t <= t[0] + _START_SHARE * (t[-1] - t[0])])
    place = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, None)
    inside = place < len(edges) - 1
    sums = np.bincount(place[inside], change[inside], len(edges) - 1)
    counts = np.bincount(place[inside], minlength=len(edges) - 1)
    mean = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=mean, where=counts > 0)
    return mean


def _band(table: Floats, clusters: list[str]) -> tuple[Floats, Floats]:
    """Return the bounds of the median over videos, clustered by prompt; empty with too few."""
    labels = np.asarray(clusters)
    bounds = []
    for column in table.T:
        known = np.isfinite(column)
        found = statistic_interval(column[known], labels[known].tolist(), "median")
        if found.low is None or found.high is None:
            return np.empty(0), np.empty(0)
        bounds.append((found.low, found.high))
    low, high = np.asarray(bounds, np.float64).T
    return low, high


def _short(values: Floats) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
