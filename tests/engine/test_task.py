"""A video's task knows the digest of what its manifest says: another line is judged again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lvbench.engine.task import VideoTask
from lvbench.results.files import canonical_json
from lvbench.video.manifest_entry import Failure, ManifestEntry

ENTRY = ManifestEntry(path=Path("/clips/a.mp4"), id="a", seed=3)


def digest(entry: ManifestEntry) -> str:
    return VideoTask(id="a", path="/clips/a.mp4", shown="a.mp4", entry=entry).manifest_sha256


def test_where_the_file_lies_does_not_count_and_what_is_said_does() -> None:
    assert digest(ENTRY) == digest(ENTRY.model_copy(update={"path": Path("/elsewhere.mp4")}))
    assert digest(ENTRY) != digest(ENTRY.model_copy(update={"seed": 4}))
    failed = Failure(code="generator_failed", detail="x")
    assert digest(ENTRY) != digest(ENTRY.model_copy(update={"failure": failed}))


def test_a_key_that_came_later_moves_no_digest() -> None:
    said = {
        "id": "a",
        "prompts": [],
        "fps": None,
        "seams": None,
        "cuts": [],
        "sounds": [],
        "generator": None,
        "seed": 3,
        "sample": None,
        "cost": None,
    }
    assert digest(ENTRY) == hashlib.sha256(canonical_json(said).encode()).hexdigest()
