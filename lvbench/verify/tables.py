"""Compare videos.manifest.json and the Parquet tables with the item records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lvbench.errors import ConfigError
from lvbench.results.tables import MANIFEST_FILE, manifest_rows, write_tables
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding, error_finding

_MOST_SHOWN = 20


def check_manifest(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield where videos.manifest.json differs from the item records."""
    try:
        stated = context.files.json(MANIFEST_FILE)
    except ConfigError as error:
        yield error_finding(error)
        return
    wanted = {str(row["id"]): row for row in manifest_rows(context.items)}
    rows = stated if isinstance(stated, list) else []
    given = {str(row.get("id")): row for row in rows if isinstance(row, dict)}
    if not isinstance(stated, list) or len(given) < len(rows):
        yield RunFinding(
            "manifest_differs", MANIFEST_FILE, detail="not a list of videos, each once"
        )
        return
    for name in sorted(given.keys() | wanted.keys()):
        ours, theirs = given.get(name), wanted.get(name)
        if ours is None or theirs is None:
            where = "in the manifest only" if theirs is None else "among the items only"
            yield RunFinding("manifest_differs", MANIFEST_FILE, name, detail=where)
            continue
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key):
                cell = f"{name}.{key}"
                yield RunFinding(
                    "manifest_differs", MANIFEST_FILE, cell, ours.get(key), theirs.get(key)
                )


def check_tables(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield where items.parquet and series.parquet differ from the item records."""
    with tempfile.TemporaryDirectory() as scratch:
        for wanted in write_tables(Path(scratch), context.items):
            try:
                yield from _table(context.files.path(wanted.name), wanted)
            except ConfigError as error:
                yield error_finding(error)


def _table(path: Path, wanted: Path) -> Iterator[RunFinding]:
    """Yield the cells in which a Parquet file differs from the one that the items give."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.read_bytes() == wanted.read_bytes():
        return
    name = wanted.name
    try:
        with pq.ParquetFile(path) as ours, pq.ParquetFile(wanted) as theirs:
            # Sizes before contents: a small file may expand to a very large table.
            if ours.schema_arrow != theirs.schema_arrow:
                yield RunFinding("table_differs", name, "columns", str(ours.schema_arrow.names))
                return
            sizes = ours.metadata.num_rows, theirs.metadata.num_rows
            if sizes[0] != sizes[1]:
                yield RunFinding("table_differs", name, "rows", *sizes)
                return
            yield from _cells(name, ours.read(), theirs.read())
    except (pa.ArrowException, OSError, ValueError) as error:
        yield RunFinding("file_invalid", name, detail=str(error)[:300])


def _cells(name: str, ours: Any, theirs: Any) -> Iterator[RunFinding]:
    if ours.equals(theirs):
        return
    columns = ours.schema.names
    texts = [column for column in columns if column not in ("value", "t", "y", "code", "status")]
    shown = 0
    for column in columns:
        one, other = ours[column].to_pylist(), theirs[column].to_pylist()
        for row, (stated, found) in enumerate(zip(one, other, strict=True)):
            if stated == found:
                continue
            place = " ".join(str(theirs[text][row].as_py()) for text in texts)
            yield RunFinding("table_differs", name, f"{place} {column}", stated, found)
            shown += 1
            if shown == _MOST_SHOWN:
                yield RunFinding("table_differs", name, detail="and more cells")
                return
