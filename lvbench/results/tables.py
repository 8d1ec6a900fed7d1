"""Write the item records of a run as two Parquet tables, for analysis elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lvbench.results.files import write_atomic
from lvbench.results.schema import ItemRecord

ITEMS_FILE, SERIES_FILE = "items.parquet", "series.parquet"


def write_tables(folder: Path, items: Sequence[ItemRecord]) -> tuple[Path, Path]:
    """Write items.parquet and series.parquet into a run folder, the same bytes for the same items.

    items.parquet has one row per video, metric and component: `video, cluster, metric,
    component` (empty for the headline), `status, code, value` (null where the status is not ok).
    series.parquet has one row per point: `video, metric, series, t` (seconds), `y`.

    Returns:
        The paths of both files.
    """
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    item_columns = [
        ("video", text), ("cluster", text), ("metric", text), ("component", text),
        ("status", text), ("code", text), ("value", number),
    ]  # fmt: skip
    series_columns = [
        ("video", text), ("metric", text), ("series", text), ("t", number), ("y", number),
    ]  # fmt: skip
    ordered = sorted(items, key=lambda item: item.video.id)
    items_file, series_file = folder / ITEMS_FILE, folder / SERIES_FILE
    _write(items_file, _item_rows(ordered), pa.schema(item_columns))
    _write(series_file, _series_rows(ordered), pa.schema(series_columns))
    return items_file, series_file


def _item_rows(items: Iterable[ItemRecord]) -> list[dict[str, Any]]:
    rows = []
    for item in items:
        for metric, score in sorted(item.metrics.items()):
            values = {"": score.value, **dict(sorted(score.components.items()))}
            rows += [
                {
                    "video": item.video.id,
                    "cluster": item.video.cluster,
                    "metric": metric,
                    "component": component,
                    "status": score.status,
                    "code": score.code,
                    "value": value,
                }
                for component, value in values.items()
            ]
    return rows


def _series_rows(items: Iterable[ItemRecord]) -> list[dict[str, Any]]:
    return [
        {"video": item.video.id, "metric": metric, "series": name, "t": t, "y": y}
        for item in items
        for metric, score in sorted(item.metrics.items())
        for name, series in sorted(score.series.items())
        for t, y in zip(series.t, series.y, strict=True)
    ]


def _write(path: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), buffer, compression="zstd")
    write_atomic(path, buffer.getvalue())
