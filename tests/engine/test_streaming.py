"""Streaming evaluation gives the numbers of files that are kept, and leaves no file."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lvbench.engine import streaming
from lvbench.engine.evaluate import evaluate
from lvbench.engine.streaming import evaluate_streaming
from lvbench.errors import ConfigError, UsageError
from lvbench.generators.baselines.degraded_oracle import DegradedOracle
from lvbench.generators.contract.base import Clip, Request
from lvbench.generators.production.produce import produce
from lvbench.protocol.load import load_protocol
from lvbench.world.grammar import SCENES

GENERATOR = "degraded-oracle:exposure=-0.3,flicker=0.02"
TEXT = "scene={}; cast=red solid disc, blue solid square; camera=still; light=noon"
CLIPS = 3


@pytest.fixture
def protocol(tmp_path: Path) -> str:
    """Return a protocol of three short clips of the world."""
    rows = [{"id": scene, "prompts": [{"text": TEXT.format(scene)}]} for scene in SCENES[:CLIPS]]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "prompts.jsonl").write_bytes(data)
    path = tmp_path / "small.yaml"
    path.write_text(
        "name: small\nversion: 1\nsegment_seconds: 0.5\n"
        "metrics:\n"
        + "".join(
            f"  - {{name: {name}, version: 1}}\n"
            for name in ("exposure_drift", "temporal_flicker", "freeze", "seam")
        )
        + f"prompts: {{file: prompts.jsonl, sha256: {hashlib.sha256(data).hexdigest()}, "
        "seconds: 3.0, fps: 8.0, width: 64, height: 48, seeds: [1]}\n"
    )
    return str(path)


def records(run: Path) -> dict[str, Any]:
    """Return the item records without what was measured while the clips were made."""
    found = {}
    for path in sorted((run / "items").glob("*.json")):
        found[path.name] = json.loads(path.read_text())
        assert found[path.name]["video"].pop("manifest_sha256")
    return found


def videos(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "videos").glob("*.mp4"))


def counted(monkeypatch: pytest.MonkeyPatch, most: int | None = None) -> list[str]:
    """Count the clips that are made; interrupt the making of one more than `most`."""
    made: list[str] = []
    real = DegradedOracle.make

    def make(self: DegradedOracle, request: Request, path: Path) -> Clip:
        if len(made) == most:
            raise KeyboardInterrupt
        made.append(request.id)
        return real(self, request, path)

    monkeypatch.setattr(DegradedOracle, "make", make)
    return made


def test_the_numbers_are_those_of_files_that_are_kept(tmp_path: Path, protocol: str) -> None:
    kept, gone = tmp_path / "kept", tmp_path / "gone"
    manifest = produce(GENERATOR, load_protocol(protocol), kept / "videos", beside=tmp_path)
    with_files = evaluate(manifest, out=kept, protocol=protocol, workers=2)
    without = evaluate_streaming(GENERATOR, out=gone, protocol=protocol, workers=2)
    assert len(videos(kept)) == CLIPS
    assert videos(gone) == []
    assert records(gone) == records(kept)
    assert without.scores == with_files.scores
    assert without.record.signature == with_files.record.signature
    assert without.record.status == "complete"
    assert without.record.title == GENERATOR
    assert (gone / "items.parquet").exists()
    thumbnails = sorted(path.name for path in (kept / "thumbnails").iterdir())
    assert sorted(path.name for path in (gone / "thumbnails").iterdir()) == thumbnails


def test_there_are_no_more_files_than_are_being_scored(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, most = tmp_path / "run", []
    real = DegradedOracle.make

    def make(self: DegradedOracle, request: Request, path: Path) -> Clip:
        most.append(len(videos(run)))
        return real(self, request, path)

    monkeypatch.setattr(DegradedOracle, "make", make)
    evaluate_streaming(GENERATOR, out=run, protocol=protocol, workers=1)
    assert len(most) == CLIPS
    assert max(most) <= 1


def test_finished_records_are_kept_after_an_interruption(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = tmp_path / "run", tmp_path / "whole"
    with monkeypatch.context() as patch:
        first = counted(patch, most=2)
        with pytest.raises(KeyboardInterrupt):
            evaluate_streaming(GENERATOR, out=run, protocol=protocol, workers=1)
    assert not (run / "run.json").exists()
    again = counted(monkeypatch)
    done = evaluate_streaming(GENERATOR, out=run, protocol=protocol, workers=1)
    # The second clip was complete, scored or not: no clip is made twice.
    assert sorted(first + again) == sorted(f"{scene}-seed1" for scene in SCENES[:CLIPS])
    assert evaluate_streaming(GENERATOR, out=whole, protocol=protocol).scores == done.scores
    assert records(run) == records(whole)
    assert videos(run) == []


def test_a_run_that_is_done_makes_nothing_again(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol)
    made = counted(monkeypatch)
    again = evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol)
    assert made == []
    assert again.scores == first.scores
    assert again.record.timing["videos_kept"] == CLIPS


def test_a_clip_with_a_damaged_record_is_made_and_scored_again(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    first = evaluate_streaming(GENERATOR, out=run, protocol=protocol)
    made = counted(monkeypatch)
    broken = sorted((run / "items").glob("*.json"))[1]
    broken.write_text("{")
    again = evaluate_streaming(GENERATOR, out=run, protocol=protocol)
    assert made == [broken.stem]
    assert again.scores == first.scores


def test_clips_that_lie_elsewhere_are_left_alone(tmp_path: Path, protocol: str) -> None:
    produce(GENERATOR, load_protocol(protocol), tmp_path / "theirs", beside=tmp_path)
    served = f"folder:{tmp_path / 'theirs'}"
    run = evaluate_streaming(served, out=tmp_path / "run", protocol=protocol)
    assert run.record.status == "complete"
    assert len(list((tmp_path / "theirs").glob("*.mp4"))) == CLIPS


def test_a_clip_that_cannot_be_made_is_a_failed_item(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def frames(self: DegradedOracle, request: Request) -> Iterator[Any]:
        if request.id.startswith(SCENES[0]):
            raise MemoryError
        return real(self, request)

    real = DegradedOracle.frames
    monkeypatch.setattr(DegradedOracle, "frames", frames)
    run = evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol)
    codes = {item.video.id: item.video.code for item in run.items}
    assert codes.pop(f"{SCENES[0]}-seed1") == "generator_out_of_memory"
    assert set(codes.values()) == {None}
    assert run.record.videos["failed"] == 1
    monkeypatch.setattr(DegradedOracle, "frames", real)
    fixed = evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol)
    assert fixed.record.videos["failed"] == 0


def test_what_goes_wrong_while_judging_is_raised(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(*_: object) -> None:
        raise UsageError("score", found="x", where="y", fix="z")

    monkeypatch.setattr(streaming.Scorer, "score", score)
    with pytest.raises(UsageError):
        evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol)


def test_the_folder_of_another_generator_is_refused(tmp_path: Path, protocol: str) -> None:
    evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol, limit=1)
    shutil.rmtree(tmp_path / "run" / "items")
    with pytest.raises(ConfigError) as caught:
        evaluate_streaming("oracle", out=tmp_path / "run", protocol=protocol, limit=1)
    assert caught.value.code == "clips_of_other_generator"


def test_a_limit_makes_the_run_partial(tmp_path: Path, protocol: str) -> None:
    run = evaluate_streaming(GENERATOR, out=tmp_path / "run", protocol=protocol, limit=2)
    assert run.record.status == "partial"
    assert run.record.reasons == ["only 2 of 3 videos were requested"]
