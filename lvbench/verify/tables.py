"""Do the files beside a run's item records hold what the records hold?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lvbench.errors import ConfigError
from lvbench.results.manifest import MANIFEST_FILE, manifest_rows
from lvbench.results.schema import ItemRecord
from lvbench.results.tables import write_tables
from lvbench.verify.finding import RunFinding, error_finding
from lvbench.verify.read import RunFiles

_MOST_SHOWN = 20


def check_manifest(files: RunFiles, items: Sequence[ItemRecord]) -> Iterator[RunFinding]:
    """Yield where videos.manifest.json is not what the item records say."""
    try:
        stated = files.json(MANIFEST_FILE)
    except ConfigError as error:
        yield error_finding(error)
        return
    wanted = {str(row["id"]): row for row in manifest_rows(items)}
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
            stands = "in the manifest alone" if theirs is None else "among the items alone"
            yield RunFinding("manifest_differs", MANIFEST_FILE, name, detail=stands)
            continue
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key):
                cell = f"{name}.{key}"
                yield RunFinding(
                    "manifest_differs", MANIFEST_FILE, cell, ours.get(key), theirs.get(key)
                )


def check_tables(files: RunFiles, items: Sequence[ItemRecord]) -> Iterator[RunFinding]:
    """Yield where items.parquet and series.parquet are not what the item records give."""
    with tempfile.TemporaryDirectory() as scratch:
        for wanted in write_tables(Path(scratch), items):
            try:
                path = files.path(wanted.name)
                yield from _table(path, wanted)
            except ConfigError as error:
                yield error_finding(error)


def _table(path: Path, wanted: Path) -> Iterator[RunFinding]:
    """Yield the cells in which a Parquet file is not the one that the items give."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.read_bytes() == wanted.read_bytes():
        return
    name = wanted.name
    try:
        with pq.ParquetFile(path) as ours, pq.ParquetFile(wanted) as theirs:
            # Sizes before contents: a small file may unfold into a very large table.
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
