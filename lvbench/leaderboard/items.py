"""The item records of a submission in one small file: the values of scores, without curves."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.results.schema import ItemRecord, ItemScore, Series, VideoRecord
from lvbench.results.unpacking import unpack_array

SUFFIX = ".items.parquet"
MOST_BYTES = 20_000_000
_MOST_ROWS, _MOST_UNFOLDED, _LONGEST_TEXT = 500_000, 256 << 20, 1000
FEATURES = "features"

_TEXTS = ("video", "cluster", "sha256", "metric", "component", "status", "code")
_COLUMNS = (*_TEXTS, "seed", "value", "end", FEATURES)
_NUMBERS = {"seed": "INT64", "value": "DOUBLE", "end": "DOUBLE"}
_STORED = [(name, _NUMBERS.get(name, "BYTE_ARRAY"), 0) for name in _COLUMNS]

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Items:
    """The videos of a submission.

    Attributes:
        records: One per video, in order of ids; of every metric one series of one point at most,
            the end of its longest.
        arrays: The windows' features of each video that set metrics read, by
            `extractor.array`.
    """

    records: tuple[ItemRecord, ...]
    arrays: Mapping[str, Arrays]


def pack_items(items: Sequence[ItemRecord], arrays: Mapping[str, Arrays]) -> bytes:
    """Return the Parquet file of a submission; the same items give the same bytes.

    A row is a video (`metric` empty, its own status), or a metric or component of one (`end` is
    the last time of its series in seconds), or an array of features (`status` is `features`,
    `component` its name, `features` the array as a .npy file).

    Args:
        items: The item records.
        arrays: Features to keep, by video and `extractor.array`.

    Raises:
        ConfigError: The file would be larger than 20 MB (`items_too_large`).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {name: pa.string() for name in _TEXTS}
    kinds |= {"seed": pa.int64(), "value": pa.float64(), "end": pa.float64(), FEATURES: pa.binary()}
    rows = [
        row
        for item in sorted(items, key=lambda item: item.video.id)
        for row in _rows(item, arrays.get(item.video.id, {}))
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=9)
    content = buffer.getvalue()
    if len(content) > MOST_BYTES:
        kept = sum(a.nbytes for found in arrays.values() for a in found.values())
        raise ConfigError(
            "pack the items of a submission",
            found=f"{len(content) / 1e6:.1f} MB, {kept / 1e6:.1f} MB of them features of sets "
            "before compression",
            where=f"{len(items)} videos",
            fix=f"at most {MOST_BYTES // 1_000_000} MB: evaluate by a protocol that keeps "
            "fewer windows, or features as float16",
            code="items_too_large",
        )
    return content


def unpack_items(content: bytes, identity: str, where: str) -> Items:
    """Return the content of a submission's Parquet file.

    Args:
        content: The file's bytes.
        identity: The identity of the run, which the records carry.
        where: The file, for messages.

    Raises:
        ConfigError: The file is not valid (`items_invalid`).
    """
    try:
        return _unpacked(unfolded(content, _COLUMNS), identity)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "read the items of a submission",
            found=f"{type(error).__name__}: {error}",
            where=where,
            fix="write the file with 'lvbench leaderboard submit'",
            code="items_invalid",
        ) from error


def unfolded(content: bytes, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a submission's Parquet file, never more than a submission may contain.

    A few bytes can encode a value repeated without end: equal values stay one object, and rows
    and bytes are counted while they are read.

    Args:
        content: The file's bytes.
        columns: The columns to read.

    Raises:
        ValueError: The file is larger, packed or unpacked, than a submission may be, or has other
            columns.
    """
    import pyarrow as pa

    if len(content) > MOST_BYTES:
        raise ValueError(f"{len(content) / 1e6:.1f} MB, more than {MOST_BYTES // 1_000_000}")
    try:
        yield from _unfolded(content, columns)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{type(error).__name__}: {error}"[:300]) from error


def _unfolded(content: bytes, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    import pyarrow.parquet as pq

    folded = [*_TEXTS, FEATURES]
    # Not read_table: that goes through pyarrow.dataset, which imports pandas.
    with pq.ParquetFile(io.BytesIO(content), read_dictionary=folded) as file:
        _check_header(file.metadata)
        rows = 0
        for batch in file.iter_batches(4096, columns=list(columns), use_threads=False):
            rows += batch.num_rows
            if rows > _MOST_ROWS:
                raise ValueError(f"more than {_MOST_ROWS} rows")
            yield from zip(*(_values(batch.column(name), name) for name in columns), strict=True)


def _check_header(metadata: Any) -> None:
    found = [metadata.schema.column(at) for at in range(len(metadata.schema))]
    if [(c.path, c.physical_type, c.max_repetition_level) for c in found] != _STORED:
        raise ValueError(f"columns {', '.join(column.path for column in found)}"[:300])
    groups = range(metadata.num_row_groups)
    size = sum(metadata.row_group(group).total_byte_size for group in groups)
    if metadata.num_rows > _MOST_ROWS or not 0 <= size <= _MOST_UNFOLDED:
        raise ValueError(f"{metadata.num_rows} rows and {size} bytes unpacked; at most "
                         f"{_MOST_ROWS} rows and {_MOST_UNFOLDED} bytes")  # fmt: skip


def _values(column: Any, name: str) -> list[Any]:
    """Return a column's values; of a text or an array of features each distinct value once."""
    if name not in _TEXTS and name != FEATURES:
        plain: list[Any] = column.to_pylist()
        return plain
    distinct = column.dictionary.to_pylist()
    if name in _TEXTS and any(len(text or "") > _LONGEST_TEXT for text in distinct):
        raise ValueError(f"{name}: a text of more than {_LONGEST_TEXT} characters")
    return [None if at is None else distinct[at] for at in column.indices.to_pylist()]


def _rows(item: ItemRecord, arrays: Arrays) -> Iterator[dict[str, Any]]:
    video = item.video
    about = {"video": video.id, "cluster": video.cluster}
    yield {**about, "sha256": video.sha256, "seed": video.seed, "metric": "", "component": "",
           "status": video.status, "code": video.code}  # fmt: skip
    for metric, score in sorted(item.metrics.items()):
        own = {**about, "metric": metric, "status": score.status, "code": score.code}
        ends = [series.t[-1] for series in score.series.values() if series.t]
        yield {**own, "component": "", "value": score.value, "end": max(ends, default=None)}
        for component, value in sorted(score.components.items()):
            yield {**own, "component": component, "value": value}
    for name, array in sorted(arrays.items()):
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        yield {**about, "metric": "", "component": name, "status": FEATURES,
               FEATURES: buffer.getvalue()}  # fmt: skip


def _unpacked(rows: Iterator[tuple[Any, ...]], identity: str) -> Items:
    videos: dict[str, VideoRecord] = {}
    scores: dict[str, dict[str, dict[str, Any]]] = {}
    arrays: dict[str, dict[str, NDArray[Any]]] = {}
    unpacked = 0
    for row in rows:
        video, cluster, sha256, metric, component, status, code, seed, value, end, packed = row
        if status == FEATURES:
            unpacked += len(packed)
            if unpacked > _MOST_UNFOLDED:
                raise ValueError(f"features of more than {_MOST_UNFOLDED} bytes")
            if component in arrays.setdefault(video, {}):
                raise ValueError(f"{component} of {video} occurs twice")
            arrays[video][component] = unpack_array(packed)
        elif metric == "":
            if video in videos:
                raise ValueError(f"video {video} occurs twice")
            videos[video] = VideoRecord(
                id=video, path=video, status=status, code=code, sha256=sha256, seed=seed,
                cluster=cluster,
            )  # fmt: skip
            scores[video] = {}
        elif component == "":
            if metric in scores[video]:
                raise ValueError(f"{metric} of {video} occurs twice")
            series = {} if end is None else {"end": Series(t=[end], y=[0.0])}
            scores[video][metric] = {"status": status, "code": code, "value": value,
                                     "series": series, "components": {}}  # fmt: skip
        else:
            scores[video][metric]["components"][component] = value
    records = tuple(
        ItemRecord(
            identity=identity,
            video=videos[video],
            metrics={name: ItemScore(**score) for name, score in scores[video].items()},
        )
        for video in sorted(videos)
    )
    return Items(records, arrays)
