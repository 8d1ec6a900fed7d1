"""Describe scores and gates in words: title, group, order, statistic, gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

from lvbench.errors import LvbenchError
from lvbench.metrics.base import Group, MetricInfo, Statistic
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import Gate, Score

_GENERIC = ("score", "value", "error", "mean", "off", "own", "to_first")
OVER_TIME, COST = "over time", "cost"
GROUPS: tuple[str, ...] = (*get_args(Group), "other")
# Aggregation over videos: in a table's cell, and in a sentence.
STATISTICS: dict[Statistic, str] = {
    "mean": "mean",
    "median": "median",
    "median_absolute": "median of |x|",
    "time_to_event": "Kaplan-Meier median",
    "set": "set",
}
IN_WORDS: dict[Statistic, str] = {
    "mean": "mean over videos",
    "median": "median over videos",
    "median_absolute": "median over videos of the absolute value",
    "time_to_event": "Kaplan-Meier median over videos; a video without the event is censored at "
    "its end",
    "set": "one number of all videos together",
}
_IN_NOTES: dict[Statistic, str] = {
    "median": "the median of",
    "median_absolute": "the median of absolute values of",
    "time_to_event": "the Kaplan-Meier median of",
    "set": "one number of the entire set for",
}


@dataclass(frozen=True, slots=True)
class Description:
    """Description of a score's key.

    Attributes:
        metric: Name of the metric.
        record: Its name in item records: the metric, with its extractor where the key names one.
        of_sets: Whether it is a set metric, which has no value for a single video.
        component: Name of the component, None for the headline.
        title: Title of the score's row in a table.
        metric_title: Title of the metric's headline row.
        group: Section of the table.
        statistic: Aggregation over videos.
        order: Sort key of tables: group, metric, headline before components.
    """

    metric: str
    record: str
    of_sets: bool
    component: str | None
    title: str
    metric_title: str
    group: str
    statistic: Statistic
    order: tuple[int, str, str, int, str]


@cache
def describe(key: str) -> Description:
    """Return the description of the score `metric[.component][@extractor]`.

    A metric that is not installed here (a plugin's) is described by its name alone.
    """
    name, at, extractor = key.partition("@")
    metric, _, component = name.partition(".")
    info = metric_info(metric)
    title = words(component or metric)
    metric_title, group, position = words(metric), "other", 1 if component else 0
    statistic: Statistic = "mean"
    if info is not None:
        metric_title, group = info.headline.title, info.group
        scored = info.components.get(component) if component else info.headline
        if scored is not None:
            title, statistic = scored.title, scored.statistic
        if component in info.components:
            position = 1 + list(info.components).index(component)
    if extractor:
        title, metric_title = f"{title} ({extractor})", f"{metric_title} ({extractor})"
    order = (GROUPS.index(group), metric, extractor, position, component)
    return Description(
        metric=metric,
        record=f"{metric}{at}{extractor}",
        of_sets=info is not None and METRICS.get(metric).of_sets,
        component=component or None,
        title=title,
        metric_title=metric_title,
        group=group,
        statistic=statistic,
        order=order,
    )


@cache
def metric_info(key: str) -> MetricInfo | None:
    """Return the registered description of a record's metric, or None where it is not installed."""
    try:
        return METRICS.get(key.partition("@")[0]).info
    except LvbenchError:
        return None


def statistics_note(keys: Iterable[str], over: str = "videos") -> str:
    """Return the note on the statistics of a table: the mean, and the exceptions by title."""
    titles: dict[Statistic, list[str]] = {}
    for key in keys:
        about = describe(key)
        # A component's title may equal that of another metric.
        title = about.title if about.component is None else f"{about.title} ({about.record})"
        titles.setdefault(about.statistic, []).append(title)
    parts = [f"{_IN_NOTES[s]} {', '.join(titles[s])}" for s in _IN_NOTES if s in titles]
    means = [f"the mean of {'all other scores' if parts else 'every score'}"]
    return f"Statistic over {over}: {'; '.join(parts + (means if 'mean' in titles else []))}."


def component_key(record: str, component: str) -> str:
    """Return the key of a component's score; `record` is the metric's name in item records."""
    name, at, extractor = record.partition("@")
    return f"{name}.{component}{at}{extractor}"


def series_title(key: str, series: str, *, alone: bool = True) -> str:
    """Return a curve's title: its series, or its metric where the series has a generic name.

    Args:
        key: The metric's name in item records.
        series: Name of the series.
        alone: Whether no other curve of the same figure has that name.
    """
    return words(series) if alone and series not in _GENERIC else describe(key).metric_title


def words(name: str) -> str:
    """Turn an identifier into words: `slope_per_minute` into `Slope per minute`."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def gate_in_words(score: Score) -> str:
    """Return which gates of a score have failed, empty if none."""
    return gates_in_words(score.gates)


def gates_in_words(gates: Iterable[Gate]) -> str:
    """Return which gates have failed, empty if none; equal reasons once."""
    reasons = dict.fromkeys(failure(gate) for gate in gates if gate.failed)
    return f"not ranked: {'; '.join(reasons)}" if reasons else ""


def failure(gate: Gate) -> str:
    """Return why a gate has failed: videos that break it, videos that failed, or both."""
    allowed = f"{100 * gate.limit:.0f} % allowed"
    if gate.share > gate.limit:
        return f"{broken(gate)}, {allowed}"
    if gate.n_failed > gate.limit * (gate.n + gate.n_failed):
        return f"{lost(gate)}, {allowed}"
    return f"{broken(gate)} and {lost(gate)}, {allowed} in total"


def broken(gate: Gate) -> str:
    """Return how many of the scored videos break a gate."""
    title = describe(gate.metric).metric_title.lower()
    return f"{title} over the limit in {gate.n_broken} of {gate.n} scored videos"


def lost(gate: Gate) -> str:
    """Return how many videos failed."""
    return f"{gate.n_failed} of {gate.n + gate.n_failed} videos failed"
