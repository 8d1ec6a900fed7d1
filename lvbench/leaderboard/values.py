"""What every prompt adds to a score: the values by which two models are compared in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lvbench.leaderboard.items import unfolded
from lvbench.report.describe import describe
from lvbench.report.headlines import COST
from lvbench.results.schema import ItemRecord, ItemScore

Values = Mapping[str, Mapping[str, float]]
Timed = Mapping[float, Mapping[str, Sequence[tuple[str, float]]]]
Told = tuple[str, str, str, str, float]

_LENGTH = (COST, "length")


@dataclass(frozen=True, slots=True)
class Spread:
    """The values behind a row's scores.

    Attributes:
        by_prompt: Mean over a prompt's videos, by metric and prompt.
        by_length: Prompt and value of every video, by length in seconds and metric; empty where
            the manifests told no length, or one only.
    """

    by_prompt: Values = field(default_factory=dict)
    by_length: Timed = field(default_factory=dict)


def spread_of_items(items: Iterable[ItemRecord]) -> Spread:
    """Return the values of items' headlines that were scored, and of their lengths."""
    return _spread(
        (item.video.id, item.video.cluster, metric, component, value)
        for item in items
        for metric, score in item.metrics.items()
        if score.status == "ok" and score.value is not None
        for component, value in (("", score.value), *_length(metric, score))
    )


def spread_of_file(content: bytes) -> Spread:
    """Return the same from the bytes of a submission's `.items.parquet`."""
    names = ["video", "cluster", "metric", "component", "value", "status"]
    return _spread(
        (video, cluster, metric, component, value)
        for video, cluster, metric, component, value, status in unfolded(content, names)
        if metric and status == "ok" and (not component or (metric, component) == _LENGTH)
    )


def _length(metric: str, score: ItemScore) -> list[tuple[str, float]]:
    known = metric == COST and "length" in score.components
    return [("length", score.components["length"])] if known else []


def _spread(told: Iterable[Told]) -> Spread:
    rows = list(told)
    lengths = {row[0]: float(f"{row[4]:.2g}") for row in rows if (row[2], row[3]) == _LENGTH}
    values = [
        (video, cluster, metric, abs(value) if of_size(metric) else value)
        for video, cluster, metric, component, value in rows
        if not component and not describe(metric).of_sets
    ]
    timed: dict[float, dict[str, list[tuple[str, float]]]] = {}
    if len(set(lengths.values())) > 1:
        for video, cluster, metric, value in values:
            if video in lengths and metric != COST:
                own = timed.setdefault(lengths[video], {})
                own.setdefault(metric, []).append((cluster, value))
    return Spread(_means(values), timed)


def of_size(metric: str) -> bool:
    """Return whether the size of a metric's value counts, whatever its sign."""
    return describe(metric).summary == "median_absolute"


def _means(rows: Iterable[tuple[str, str, str, float]]) -> Values:
    sums: dict[str, dict[str, list[float]]] = {}
    for _, cluster, metric, value in rows:
        sums.setdefault(metric, {}).setdefault(cluster, []).append(value)
    return {
        metric: {cluster: sum(own) / len(own) for cluster, own in sorted(clusters.items())}
        for metric, clusters in sums.items()
    }
