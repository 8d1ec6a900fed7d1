"""The items behind a row, as a board needs them: the headlines of every video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lvbench.comparison.scores import value_of
from lvbench.leaderboard.items import unfolded
from lvbench.report.tables.headlines import COST
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord

Timed = Mapping[float, Mapping[str, Sequence[tuple[str, float]]]]

_LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Spread:
    """The values behind a row's scores.

    Attributes:
        items: One record per video, of its headlines; what two models are compared by.
        by_length: Prompt and value of every video, by length in seconds and metric; empty where
            the manifests told no length, or one only.
    """

    items: tuple[ItemRecord, ...] = ()
    by_length: Timed = field(default_factory=dict)


def spread_of_items(items: Iterable[ItemRecord]) -> Spread:
    """Return the values of items' headlines, and of their lengths."""
    records = tuple(items)
    return Spread(records, _timed(records))


def spread_of_file(content: bytes) -> Spread:
    """Return the same from the bytes of a submission's `.items.parquet`."""
    names = ["video", "cluster", "metric", "component", "value", "status", "code", "seed"]
    videos: dict[str, VideoRecord] = {}
    scores: dict[str, dict[str, ItemScore]] = {}
    # Built without checks, which `check` makes: a board of many rows reads a million values.
    rows = unfolded(content, names)
    for video, cluster, metric, component, value, status, code, seed in rows:
        of_video = scores.setdefault(video, {})
        if not metric and not component:
            videos[video] = VideoRecord.model_construct(
                id=video, path=video, status=status, code=code, cluster=cluster, seed=seed
            )
        elif metric and not component:
            of_video[metric] = ItemScore.model_construct(status=status, code=code, value=value)
        elif (metric, component) == (COST, _LENGTH) and metric in of_video:
            told = {"components": {_LENGTH: value}}
            of_video[metric] = of_video[metric].model_copy(update=told)
    return spread_of_items(
        ItemRecord.model_construct(identity="", video=videos[name], metrics=scores[name])
        for name in sorted(videos)
    )


def _timed(items: Sequence[ItemRecord]) -> Timed:
    lengths = {
        item.video.id: float(f"{seconds:.2g}")
        for item in items
        if (seconds := _seconds(item.metrics.get(COST))) is not None
    }
    timed: dict[float, dict[str, list[tuple[str, float]]]] = {}
    if len(set(lengths.values())) < 2:
        return timed
    for item in items:
        own = timed.setdefault(lengths[item.video.id], {}) if item.video.id in lengths else {}
        for metric in item.metrics:
            value = value_of(item, metric) if metric != COST else None
            if value is not None:
                own.setdefault(metric, []).append((item.video.cluster, value))
    return timed


def _seconds(score: ItemScore | None) -> float | None:
    known = score is not None and score.status == "ok"
    return score.components.get(_LENGTH) if score is not None and known else None
