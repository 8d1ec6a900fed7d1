"""A task has the digest of its line in the manifest: another line is scored again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lvbench.engine.video_pass.task import VideoTask
from lvbench.results.files import canonical_json
from lvbench.video.manifest.entry import Failure, ManifestEntry, Prompt

ENTRY = ManifestEntry(path=Path("/clips/a.mp4"), id="a", seed=3)


def digest(entry: ManifestEntry) -> str:
    return VideoTask(id="a", path="/clips/a.mp4", shown="a.mp4", entry=entry).manifest_sha256


def test_the_digest_depends_on_the_line_and_not_on_the_path() -> None:
    assert digest(ENTRY) == digest(ENTRY.model_copy(update={"path": Path("/elsewhere.mp4")}))
    assert digest(ENTRY) != digest(ENTRY.model_copy(update={"seed": 4}))
    failed = Failure(code="generator_failed", detail="x")
    assert digest(ENTRY) != digest(ENTRY.model_copy(update={"failure": failed}))


def test_a_key_that_came_later_moves_no_digest() -> None:
    said: dict[str, object] = {
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


def task(**said: object) -> VideoTask:
    entry = ManifestEntry.model_validate({"path": Path("/clips/a.mp4"), "id": "a", **said})
    return VideoTask(id="a", path="/clips/a.mp4", shown="a.mp4", entry=entry)


def test_views_reach_the_metrics_and_one_without_a_name_moves_no_digest() -> None:
    plain = (Prompt(text="a door"), Prompt(start=2.0, text="a lake"))
    named = (Prompt(text="a door", view="door"), plain[1])
    assert task(prompts=named).context(0.5, 8.0).views == ("door", None)
    assert "view" not in plain[0].model_dump(mode="json")
    assert Prompt.model_validate(named[0].model_dump()) == named[0]
    assert task(prompts=named).manifest_sha256 != task(prompts=plain).manifest_sha256


def test_a_prompt_at_several_lengths_is_one_cluster() -> None:
    short, long = (
        task(prompts=(Prompt(text="a"), Prompt(start=start, text="b")), cluster="boat")
        for start in (2.0, 4.0)
    )
    assert short.cluster == long.cluster == "boat"
    assert short.manifest_sha256 != long.manifest_sha256
