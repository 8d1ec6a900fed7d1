"""What every prompt adds to a score: the values by which two models are compared in pairs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from lvbench.report.describe import describe
from lvbench.results.schema import ItemRecord

Values = Mapping[str, Mapping[str, float]]


def values_of_items(items: Iterable[ItemRecord]) -> Values:
    """Return the mean over a prompt's videos, by metric and prompt, of those that were scored."""
    return _means(
        (metric, item.video.cluster, score.value)
        for item in items
        for metric, score in item.metrics.items()
        if score.status == "ok" and score.value is not None
    )


def values_of_file(content: bytes) -> Values:
    """Return the same from the bytes of a submission's `.items.parquet`."""
    import pyarrow.parquet as pq

    names = ["metric", "cluster", "component", "status", "value"]
    table = pq.ParquetFile(io.BytesIO(content)).read(columns=names)
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    return _means(
        (metric, cluster, value)
        for metric, cluster, component, status, value in rows
        if metric and not component and status == "ok"
    )


def _means(rows: Iterable[tuple[str, str, float]]) -> Values:
    sums: dict[str, dict[str, list[float]]] = {}
    for metric, cluster, value in rows:
        about = describe(metric)
        if about.of_sets:
            continue
        size = abs(value) if about.summary == "median_absolute" else value
        sums.setdefault(metric, {}).setdefault(cluster, []).append(size)
    return {
        metric: {cluster: sum(own) / len(own) for cluster, own in sorted(clusters.items())}
        for metric, clusters in sums.items()
    }
