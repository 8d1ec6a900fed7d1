"""Tamperings with a run folder, each as good as its forger could make it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from lvbench.engine.aggregation.recompute import counts, recompute_scores, recompute_signature
from lvbench.protocol.locked import Locked, parse_lock
from lvbench.results.files import canonical_json
from lvbench.results.run import read_items
from lvbench.results.schema import RunRecord
from lvbench.results.tables import MANIFEST_FILE, manifest_rows, write_tables
from lvbench.verify.read import RunFiles

Edit = Callable[[dict[str, Any]], None]
LOCK = "protocol.lock.yaml"


def edit_json(file: Path, edit: Edit) -> None:
    """Edit a JSON file of a run."""
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(canonical_json(content, indent=1) + "\n")


def edit_item(folder: Path, video: str, edit: Edit) -> None:
    """Edit an item record."""
    edit_json(folder / "items" / f"{video}.json", edit)


def locked(folder: Path) -> Locked:
    """Return the lock of a run."""
    draft = json.loads((folder / "run.json").read_text())["protocol"]["draft"]
    return parse_lock((folder / LOCK).read_text(), draft=draft)


def cover_up(folder: Path) -> None:
    """Make all else agree with the item records and the lock, as a forger would."""
    lock, items = locked(folder), read_items(folder)
    record = RunFiles(folder).record(RunRecord, "run.json")
    scores = {**record.scores, **recompute_scores(items, lock)}
    update = {
        "scores": dict(sorted(scores.items())),
        "videos": counts(items),
        "signature": recompute_signature(lock, len(items), record.environment),
        "protocol": record.protocol.model_copy(update={"hash": lock.identity.hash}),
    }
    forged = record.model_copy(update=update)
    (folder / "run.json").write_text(canonical_json(forged.model_dump(), indent=1) + "\n")
    rows = canonical_json(manifest_rows(items), indent=1) + "\n"
    (folder / MANIFEST_FILE).write_text(rows)
    write_tables(folder, items)


def relock(folder: Path, edit: Edit) -> None:
    """Edit the lock, and write its new hash wherever the old one stood."""
    content = yaml.safe_load((folder / LOCK).read_text())
    edit(content)
    (folder / LOCK).write_text(yaml.safe_dump(content, sort_keys=False))
    content["hash"] = locked(folder).identity.hash
    (folder / LOCK).write_text(yaml.safe_dump(content, sort_keys=False))
    for item in (folder / "items").glob("*.json"):
        edit_json(item, lambda record: record.update(identity=content["hash"]))
    cover_up(folder)


def edit_features(folder: Path, video: str, *, covered: bool) -> None:
    """Move a video's features; a careful forger writes the new checksum into the record."""
    path = folder / "items" / f"{video}.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    key = next(name for name in sorted(kept) if name.endswith(".features"))
    kept[key] = kept[key] * np.float32(0.9)
    packed = io.BytesIO()
    np.savez(packed, **kept)
    path.write_bytes(packed.getvalue())
    if covered:
        checksum = hashlib.sha256(packed.getvalue()).hexdigest()
        edit_item(folder, video, lambda record: record.update(features_sha256=checksum))


def edit_table(file: Path, column: str) -> None:
    """Move the first number of a column of a Parquet file."""
    table = pq.read_table(file)
    values = table[column].to_pylist()
    values[next(i for i, value in enumerate(values) if value is not None)] += 0.5
    index = table.schema.get_field_index(column)
    pq.write_table(table.set_column(index, column, pa.array(values, pa.float64())), file)
