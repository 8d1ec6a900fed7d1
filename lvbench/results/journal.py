"""The journal of a run: one file per video, written whole when the video is done."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.run import read_item
from lvbench.results.schema import ItemRecord

_LONGEST_STEM = 180


def file_stem(video: str) -> str:
    """Return the file stem of a video id; one too long for a file system is cut and hashed."""
    if len(video) <= _LONGEST_STEM:
        return video
    return f"{video[:_LONGEST_STEM]}-{hashlib.sha256(video.encode()).hexdigest()[:16]}"


def item_path(folder: Path, video: str) -> Path:
    """Return where the item record of a video lies."""
    return folder / "items" / f"{file_stem(video)}.json"


def write_item(folder: Path, record: ItemRecord) -> None:
    """Write an item record atomically; the same record gives the same bytes."""
    content = canonical_json(record.model_dump(), indent=1)
    write_atomic(item_path(folder, record.video.id), content + "\n")


def finished_item(folder: Path, video: str, identity: str, sha256: str) -> ItemRecord | None:
    """Return the record of a video that need not be done again, or None.

    A record counts if it is of the same identity and of the same bytes of video, and nothing in
    it failed: what failed is tried again, for its cause may have been mended.
    """
    path = item_path(folder, video)
    if not path.is_file():
        return None
    try:
        record = read_item(path)
    except ConfigError:
        return None
    same = record.identity == identity and record.video.sha256 == sha256
    whole = record.video.status == "ok" and all(
        score.status != "failed" for score in record.metrics.values()
    )
    return record if same and whole else None
