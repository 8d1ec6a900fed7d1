"""List a run's videos, and write its item records as two Parquet tables."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvbench.results.files import write_atomic
from lvbench.results.schema import ItemRecord, Series

MANIFEST_FILE = "videos.manifest.json"
ITEMS_FILE, SERIES_FILE = "items.parquet", "series.parquet"
_KEYS = ("id", "path", "sha256", "width", "height", "fps", "frames", "codec", "pixel_format")
_ITEM_TEXTS = ("video", "cluster", "metric", "component", "status", "code")
_SERIES_TEXTS = ("video", "metric", "series")


def manifest_rows(items: Sequence[ItemRecord]) -> list[dict[str, Any]]:
    """Return one row per video: its facts and path, without scores."""
    return [{key: getattr(item.video, key) for key in _KEYS} for item in items]


def write_tables(folder: Path, items: Iterable[ItemRecord]) -> tuple[Path, Path]:
    """Write items.parquet and series.parquet into a run folder, the same bytes for the same items.

    items.parquet has one row per video, metric and component: `video, cluster, metric,
    component` (empty for the headline), `status, code, value` (null where the status is not ok).
    series.parquet has one row per point: `video, metric, series, t` (seconds), `y`.

    Args:
        folder: The run folder.
        items: Records in order of video id, each a row group. An iterator that reads them from
            disk needs the memory of one record.

    Returns:
        The paths of both files.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, number = pa.string(), pa.float64()
    item_schema = pa.schema([(name, text) for name in _ITEM_TEXTS] + [("value", number)])
    series_schema = pa.schema(
        [(name, text) for name in _SERIES_TEXTS] + [("t", number), ("y", number)]
    )
    rows, points = io.BytesIO(), io.BytesIO()
    with (
        pq.ParquetWriter(rows, item_schema, compression="zstd") as item_writer,
        pq.ParquetWriter(points, series_schema, compression="zstd") as series_writer,
    ):
        for item in items:
            columns = [*zip(*_item_rows(item), strict=True)] or [()] * len(item_schema)
            arrays = [*(_texts(pa, column) for column in columns[:-1]), _numbers(pa, columns[-1])]
            item_writer.write_table(pa.Table.from_arrays(arrays, schema=item_schema))
            found = [_points(pa, item.video.id, *key, series) for key, series in _series(item)]
            if found:
                table = pa.Table.from_batches(found, schema=series_schema)
                series_writer.write_table(table.combine_chunks())
    items_file, series_file = folder / ITEMS_FILE, folder / SERIES_FILE
    write_atomic(items_file, rows.getvalue())
    write_atomic(series_file, points.getvalue())
    return items_file, series_file


def _item_rows(item: ItemRecord) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for metric, score in sorted(item.metrics.items()):
        values = {"": score.value, **dict(sorted(score.components.items()))}
        for component, value in values.items():
            names = (item.video.id, item.video.cluster, metric, component)
            rows.append((*names, score.status, score.code, value))
    return rows


def _series(item: ItemRecord) -> Iterator[tuple[tuple[str, str], Series]]:
    for metric, score in sorted(item.metrics.items()):
        for name, series in sorted(score.series.items()):
            yield (metric, name), series


def _points(pa: Any, video: str, metric: str, name: str, series: Series) -> Any:
    count = len(series.t)
    texts = [_texts(pa, [text] * count) for text in (video, metric, name)]
    numbers = [_numbers(pa, values) for values in (series.t, series.y)]
    return pa.record_batch([*texts, *numbers], names=[*_SERIES_TEXTS, "t", "y"])


# From buffers: pyarrow's own conversion imports pandas, which costs more than all the rest.
def _texts(pa: Any, texts: Sequence[str | None]) -> Any:
    """Return a column of texts, None as null."""
    coded = [(text or "").encode() for text in texts]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int32)
    return _column(pa, pa.string(), texts, ends.tobytes(), b"".join(coded))


def _numbers(pa: Any, numbers: Sequence[float | None]) -> Any:
    """Return a column of numbers, None as null."""
    values = np.array([0.0 if number is None else number for number in numbers], np.float64)
    return _column(pa, pa.float64(), numbers, values.tobytes())


def _column(pa: Any, kind: Any, values: Sequence[object], *parts: bytes) -> Any:
    known = [value is not None for value in values]
    valid = None if all(known) else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(values), [valid, *map(pa.py_buffer, parts)])
