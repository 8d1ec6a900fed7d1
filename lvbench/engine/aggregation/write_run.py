"""Write run.json and its tables once every item record is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.recompute import counts, too_few, unavailable_headlines
from lvbench.environment import made_by
from lvbench.protocol.identity import Identity, signature
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.journal import item_path
from lvbench.results.run import Run, load_run, read_item
from lvbench.results.schema import ItemRecord, LeftOutRecord, ProtocolRecord, RunRecord, Score
from lvbench.results.tables import MANIFEST_FILE, manifest_rows, write_tables


def write_run(
    folder: Path,
    protocol: Protocol,
    identity: Identity,
    items: Sequence[ItemRecord],
    scores: Mapping[str, Score],
    *,
    complete: int,
    title: str,
    environment: Mapping[str, Any],
    timing: Mapping[str, Any],
    left_out: Sequence[LeftOutRecord] = (),
) -> Run:
    """Write run.json and the tables of a run whose item records are in its folder.

    Args:
        folder: The run folder.
        protocol: The protocol.
        identity: Identity of the run: everything that can move a number.
        items: The item records, sorted by id.
        scores: The scores, from the items.
        complete: Number of videos of a complete run.
        title: Title of the run.
        environment: Machine and software.
        timing: Time and memory taken.
        left_out: Files that were left out.

    Raises:
        StorageError: The folder cannot be written.
    """
    reasons = too_few(len(items), complete, protocol.clips.minimum) + unavailable_headlines(scores)
    record = RunRecord(
        status="partial" if reasons else "complete",
        reasons=reasons,
        title=title,
        protocol=ProtocolRecord(
            name=protocol.name,
            version=protocol.version,
            draft=protocol.draft,
            hash=identity.hash,
        ),
        signature=None
        if reasons
        else signature(protocol, identity, len(items), made_by(environment)),
        videos=counts(items),
        scores=dict(scores),
        environment=dict(environment),
        timing=dict(timing),
        left_out=list(left_out),
    )
    write_atomic(folder / MANIFEST_FILE, canonical_json(manifest_rows(items), indent=1) + "\n")
    write_tables(folder, (read_item(item_path(folder, item.video.id)) for item in items))
    # Last: where run.json exists, all other files do too.
    write_atomic(folder / "run.json", canonical_json(record.model_dump(), indent=1) + "\n")
    return load_run(folder)
