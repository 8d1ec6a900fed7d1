"""Write what a run came to, once all its item records stand."""

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
from lvbench.results.manifest import MANIFEST_FILE, manifest_rows
from lvbench.results.run import Run, load_run, read_item
from lvbench.results.schema import ItemRecord, LeftOutRecord, ProtocolRecord, RunRecord, Score
from lvbench.results.tables import write_tables


def write_run(
    folder: Path,
    protocol: Protocol,
    identity: Identity,
    items: Sequence[ItemRecord],
    scores: Mapping[str, Score],
    *,
    wanted: int,
    title: str,
    environment: Mapping[str, Any],
    timing: Mapping[str, Any],
    left_out: Sequence[LeftOutRecord] = (),
) -> Run:
    """Write run.json and the tables of a run whose records stand in its folder.

    Args:
        folder: The run folder.
        protocol: The protocol.
        identity: Everything that can move a number.
        items: The item records, sorted by id.
        scores: The scores that they give.
        wanted: How many videos a complete run has.
        title: Name of what is judged.
        environment: Where it was computed.
        timing: What it took.
        left_out: What was found and is not judged.

    Raises:
        StorageError: The folder cannot be written.
    """
    reasons = too_few(len(items), wanted, protocol.clips.minimum) + unavailable_headlines(scores)
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
    # Last: where run.json stands, all the rest stands too.
    write_atomic(folder / "run.json", canonical_json(record.model_dump(), indent=1) + "\n")
    return load_run(folder)
