"""Say what a score's key means: title, group, place in the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

from lvbench.errors import LvbenchError
from lvbench.metrics.base import Group, MetricInfo, Statistic
from lvbench.metrics.registry import METRICS

_GENERIC = ("score", "value", "error", "mean", "off", "own", "to_first")
GROUPS: tuple[str, ...] = (*get_args(Group), "other")
# How videos become one number: in a table's cell, and in a sentence.
STATISTICS: dict[Statistic, str] = {
    "mean": "mean",
    "median": "median",
    "median_absolute": "median of |x|",
    "time_to_event": "Kaplan-Meier median",
    "set": "whole set",
}
IN_WORDS: dict[Statistic, str] = {
    "mean": "mean over videos",
    "median": "median over videos",
    "median_absolute": "median over videos of the absolute value",
    "time_to_event": "Kaplan-Meier median over videos; a video without the event is censored at "
    "its end",
    "set": "one number of all videos at once",
}
_IN_NOTES: dict[Statistic, str] = {
    "median": "the median of",
    "median_absolute": "the median of absolute values of",
    "time_to_event": "the Kaplan-Meier median of",
    "set": "one number of the whole set for",
}


@dataclass(frozen=True, slots=True)
class Description:
    """What a score's key stands for.

    Attributes:
        metric: Name of the metric.
        record: What item records call it: the metric, with its extractor where the key names one.
        of_sets: Whether it judges the set of videos: then it has no value for one of them.
        component: Name of the component, None for the headline.
        title: What a table's row says.
        metric_title: What the metric's headline row says.
        group: Section of the table.
        statistic: How videos became one number.
        order: Sorts keys as tables list them: group, metric, headline before components.
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
    """Say which statistic the scores of a table are: the mean, and the exceptions by title."""
    titles: dict[Statistic, list[str]] = {}
    for key in keys:
        about = describe(key)
        # A component's title alone may be that of another metric's.
        title = about.title if about.component is None else f"{about.title} ({about.record})"
        titles.setdefault(about.statistic, []).append(title)
    said = [f"{_IN_NOTES[s]} {', '.join(titles[s])}" for s in _IN_NOTES if s in titles]
    means = [f"the mean of {'all other scores' if said else 'every score'}"]
    return f"Statistic over {over}: {'; '.join(said + (means if 'mean' in titles else []))}."


def component_key(record: str, component: str) -> str:
    """Return the key of a component's score, of what item records call `name[@extractor]`."""
    name, at, extractor = record.partition("@")
    return f"{name}.{component}{at}{extractor}"


def series_title(key: str, series: str, *, alone: bool = True) -> str:
    """Return what a curve is called: its series, or its metric where that says no more.

    Args:
        key: What item records call the metric.
        series: Name of the series.
        alone: Whether no other curve beside it is called the same.
    """
    return words(series) if alone and series not in _GENERIC else describe(key).metric_title


def words(name: str) -> str:
    """Turn an identifier into words: `slope_per_minute` into `Slope per minute`."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]
