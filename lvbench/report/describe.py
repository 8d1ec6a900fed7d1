"""Say what a score's key means: title, group, place in the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import get_args

from lvbench.errors import LvbenchError
from lvbench.metrics.base import Group, MetricInfo, Summary
from lvbench.metrics.registry import METRICS
from lvbench.metrics.sets import SetMetric

_GENERIC = ("score", "value", "error", "mean", "off", "own", "to_first")
GROUPS: tuple[str, ...] = (*get_args(Group), "other")


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
        summary: How videos became one number.
        order: Sorts keys as tables list them: group, metric, headline before components.
    """

    metric: str
    record: str
    of_sets: bool
    component: str | None
    title: str
    metric_title: str
    group: str
    summary: Summary
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
    summary: Summary = "mean"
    if info is not None:
        metric_title, group = info.headline.title, info.group
        scored = info.components.get(component) if component else info.headline
        if scored is not None:
            title, summary = scored.title, scored.summary
        if component in info.components:
            position = 1 + list(info.components).index(component)
    if extractor:
        title, metric_title = f"{title} ({extractor})", f"{metric_title} ({extractor})"
    order = (GROUPS.index(group), metric, extractor, position, component)
    return Description(
        metric=metric,
        record=f"{metric}{at}{extractor}",
        of_sets=info is not None and issubclass(METRICS.get(metric), SetMetric),
        component=component or None,
        title=title,
        metric_title=metric_title,
        group=group,
        summary=summary,
        order=order,
    )


@cache
def metric_info(key: str) -> MetricInfo | None:
    """Return the registered description of a record's metric, or None where it is not installed."""
    try:
        return METRICS.get(key.partition("@")[0]).info
    except LvbenchError:
        return None


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
