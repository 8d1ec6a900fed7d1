"""A protocol's clips are made once each; one that cannot be made counts as failed, not as none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.errors import ConfigError
from lvbench.generators import produce as module
from lvbench.generators.produce import produce, requests
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import Protocol
from lvbench.video.manifest import read_manifest

Make = Callable[..., Protocol]


def calls(folder: Path) -> list[str]:
    return (folder / "calls.txt").read_text().split()


def test_a_request_for_every_prompt_and_seed_sorted_by_id(protocol: Make) -> None:
    asked = module.requests(protocol("one", "two", seeds=(2, 1)).prompts)
    assert [r.id for r in asked] == ["p0-seed1", "p0-seed2", "p1-seed1", "p1-seed2"]
    assert (asked[0].seconds, asked[0].fps, asked[0].width, asked[0].height) == (0.5, 8.0, 32, 16)
    assert asked[2].prompts[0].text == "two"
    assert asked[2].seed == 1


def test_the_shipped_prompts_make_requests() -> None:
    prompts = load_protocol("lvb-smoke@1").prompts
    assert prompts is not None
    assert len(requests(prompts)) == 8


def test_prompts_lie_beside_their_protocol_and_may_have_lengths_of_their_own(
    tmp_path: Path, protocol: Make
) -> None:
    """A run of several lengths is what the exponent of cost is fitted to."""
    asked = protocol("short", "long").prompts
    assert asked is not None
    rows = [json.loads(line) for line in (tmp_path / "protocols" / asked.file).open()]
    rows[1]["seconds"] = 2.0
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "own.jsonl").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    own = asked.model_copy(update={"file": "own.jsonl", "sha256": digest})
    assert [r.seconds for r in requests(own, tmp_path)] == [0.5, 2.0]
    with pytest.raises(ConfigError, match="no such file") as caught:
        requests(own)
    assert caught.value.code == "prompts_missing"


def test_clips_and_manifest_are_made(tmp_path: Path, program: str, protocol: Make) -> None:
    manifest = produce(f"command:{program}", protocol("one", "two"), tmp_path / "out")
    entries = read_manifest(manifest)
    assert [e.id for e in entries] == ["p0-seed0", "p1-seed0"]
    assert [e.path.name for e in entries] == ["p0-seed0.mp4", "p1-seed0.mp4"]
    assert all(e.path.exists() and e.cost and e.seed == 0 for e in entries)
    assert entries[1].prompts[0].text == "two"
    assert entries[0].generator is not None
    assert entries[0].generator.startswith("command:python")


def test_what_is_made_is_kept_and_what_failed_is_tried_again(
    tmp_path: Path, program: str, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, out = protocol("one", "fail", "three"), tmp_path / "out"
    produce(f"command:{program}", asked, out)
    assert "exit status 3" in capsys.readouterr().err
    entries = {e.id: e for e in read_manifest(out / "manifest.jsonl")}
    assert [e.path.exists() for e in entries.values()] == [True, False, True]
    assert entries["p1-seed0"].cost is None

    (out / "mended").touch()
    produce(f"command:{program}", asked, out)
    assert calls(out) == ["p0-seed0", "p1-seed0", "p2-seed0", "p1-seed0"]
    after = {e.id: e for e in read_manifest(out / "manifest.jsonl")}
    assert after["p1-seed0"].cost is not None
    assert after["p0-seed0"] == entries["p0-seed0"]


def test_a_file_that_an_interrupted_call_left_is_made_again(
    tmp_path: Path, program: str, protocol: Make
) -> None:
    asked, out = protocol("fail"), tmp_path / "out"
    produce(f"command:{program}", asked, out)
    (out / "p0-seed0.mp4").write_bytes(b"half a clip")
    (out / "mended").touch()
    produce(f"command:{program}", asked, out)
    assert calls(out) == ["p0-seed0", "p0-seed0"]


def test_an_interruption_loses_no_finished_clip(
    tmp_path: Path, program: str, protocol: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, out = protocol("one", "two", "three"), tmp_path / "out"
    produce(f"command:{program}", asked, out)
    (out / "p0-seed0.mp4").unlink()
    real = module._make

    def stopped(*given: object) -> object:
        real(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_make", stopped)
    with pytest.raises(KeyboardInterrupt):
        produce(f"command:{program}", asked, out)
    monkeypatch.undo()
    monkeypatch.setattr(module, "protocols_folder", lambda: tmp_path / "protocols")
    produce(f"command:{program}", asked, out)
    assert sorted(calls(out)) == ["p0-seed0"] * 3 + ["p1-seed0", "p2-seed0"]


def test_a_limit_makes_the_first_and_forgets_no_other(
    tmp_path: Path, program: str, protocol: Make
) -> None:
    asked, out = protocol("one", "two", "three"), tmp_path / "out"
    assert len(read_manifest(produce(f"command:{program}", asked, out, limit=2))) == 2
    produce(f"command:{program}", asked, out)
    produce(f"command:{program}", asked, out, limit=1)
    assert len(read_manifest(out / "manifest.jsonl")) == 3
    assert calls(out) == ["p0-seed0", "p1-seed0", "p2-seed0"]


def test_another_generator_or_other_prompts_in_the_folder_are_refused(
    tmp_path: Path, program: str, protocol: Make
) -> None:
    out = tmp_path / "out"
    produce(f"command:{program}", protocol("one"), out)
    with pytest.raises(ConfigError) as caught:
        produce(f"command:{program} --more", protocol("one"), out)
    assert caught.value.code == "clips_of_other_generator"
    with pytest.raises(ConfigError):
        produce(f"command:{program}", protocol("other"), out)
    assert calls(out) == ["p0-seed0"]


def test_a_changed_prompt_file_is_refused(tmp_path: Path, program: str, protocol: Make) -> None:
    asked = protocol("one")
    path = tmp_path / "protocols" / "prompts.jsonl"
    path.write_text(path.read_text().replace("one", "won"))
    with pytest.raises(ConfigError) as caught:
        produce(f"command:{program}", asked, tmp_path / "out")
    assert caught.value.code == "prompts_changed"


def test_a_protocol_without_prompts_makes_nothing(tmp_path: Path, protocol: Make) -> None:
    silent = protocol("one").model_copy(update={"prompts": None})
    with pytest.raises(ConfigError, match="has no prompts"):
        produce("procedural", silent, tmp_path / "out")


def test_a_clip_that_could_not_be_made_is_a_failed_item_of_the_run(
    tmp_path: Path, program: str, protocol: Make
) -> None:
    asked = protocol("one", "fail")
    manifest = produce(f"command:{program}", asked, tmp_path / "out")
    run = evaluate(manifest, out=tmp_path / "run", protocol=asked, workers=1)
    statuses = {item.video.id: (item.video.status, item.video.code) for item in run.items}
    assert statuses["p0-seed0"] == ("ok", None)
    assert statuses["p1-seed0"][0] == "failed"
    assert run.record.videos == {"expected": 2, "failed": 1, "with_failed_metrics": 0}
    score = run.scores["exposure_drift"]
    assert (score.n_expected, score.n_failed) == (1, 1)
