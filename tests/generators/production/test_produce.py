"""A protocol's clips are made once each; one that cannot be made counts as failed, not as none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lvbench.cli.outcome import print_outcome
from lvbench.engine.evaluate import evaluate
from lvbench.engine.streaming import evaluate_streaming
from lvbench.errors import ConfigError
from lvbench.generators.baselines.oracle import EXAMPLE
from lvbench.generators.contract import requests
from lvbench.generators.production import produce as module
from lvbench.generators.production.produce import produce
from lvbench.protocol.schema import Protocol
from lvbench.report.page.report import render_report
from lvbench.video.encode import write_video
from lvbench.video.manifest.manifest import read_manifest

Make = Callable[..., Protocol]


def two_shots(asked: Protocol) -> Protocol:
    """Return the protocol with a second prompt for its first clip."""
    assert asked.prompts is not None
    path = requests.protocols_folder() / asked.prompts.file
    first, *others = map(json.loads, path.read_text().splitlines())
    first["prompts"].append({"start": 0.25, "text": "later"})
    data = "".join(json.dumps(row) + "\n" for row in (first, *others)).encode()
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    prompts = asked.prompts.model_copy(update={"sha256": sha256})
    return asked.model_copy(update={"prompts": prompts})


def calls(folder: Path) -> list[str]:
    return (folder / "calls.txt").read_text().split()


def test_clips_and_manifest_are_made(tmp_path: Path, program: str, protocol: Make) -> None:
    manifest = produce(f"command:{program}", protocol("one", "two"), tmp_path / "out")
    entries = read_manifest(manifest)
    assert [e.id for e in entries] == ["p0-seed0", "p1-seed0"]
    assert [e.path.name for e in entries] == ["p0-seed0.mp4", "p1-seed0.mp4"]
    assert all(e.path.exists() and e.cost and e.seed == 0 for e in entries)
    assert entries[1].prompts[0].text == "two"
    assert entries[0].generator is not None
    assert entries[0].generator.startswith("command:python")


def test_lengths_and_samples_are_in_the_manifest(
    tmp_path: Path, program: str, protocol: Make
) -> None:
    asked = protocol("one")
    assert asked.prompts is not None
    several = asked.prompts.model_copy(update={"seconds": [0.5, 1.0], "samples": 2})
    asked = asked.model_copy(update={"prompts": several})
    entries = read_manifest(produce(f"command:{program}", asked, tmp_path / "out"))
    assert [(e.id, e.sample, e.cluster) for e in entries] == [
        ("p0-0.5s-seed0-sample0", 0, "p0"),
        ("p0-0.5s-seed0-sample1", 1, "p0"),
        ("p0-1s-seed0-sample0", 0, "p0"),
        ("p0-1s-seed0-sample1", 1, "p0"),
    ]
    assert entries[0].cost is not None
    assert entries[2].cost is not None
    assert entries[2].cost["generated_seconds"] == 1.0


def test_what_is_made_is_kept_and_what_failed_is_tried_again(
    tmp_path: Path, program: str, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, out = protocol("one", "fail", "three"), tmp_path / "out"
    produce(f"command:{program}", asked, out)
    assert "exit status 3" in capsys.readouterr().err
    entries = {e.id: e for e in read_manifest(out / "manifest.jsonl")}
    assert [e.path.exists() for e in entries.values()] == [True, False, True]
    assert entries["p1-seed0"].cost is None

    (out / "fixed").touch()
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
    (out / "fixed").touch()
    produce(f"command:{program}", asked, out)
    assert calls(out) == ["p0-seed0", "p0-seed0"]


def test_an_interruption_loses_no_finished_clip(
    tmp_path: Path, program: str, protocol: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, out = protocol("one", "two", "three"), tmp_path / "out"
    produce(f"command:{program}", asked, out)
    (out / "p0-seed0.mp4").unlink()
    real = module._made

    def stopped(*given: object) -> object:
        real(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_made", stopped)
    with pytest.raises(KeyboardInterrupt):
        produce(f"command:{program}", asked, out)
    monkeypatch.undo()
    monkeypatch.setattr(requests, "protocols_folder", lambda: tmp_path / "protocols")
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
    assert statuses["p1-seed0"] == ("failed", "generator_failed")
    assert "exit status 3" in next(i.video.detail or "" for i in run.items if i.video.code)
    assert run.record.videos == {"expected": 2, "failed": 1, "with_failed_metrics": 0}
    score = run.scores["exposure_drift"]
    assert (score.n_expected, score.n_failed) == (1, 1)


def test_what_will_be_otherwise_is_said_before_the_first_clip(
    tmp_path: Path, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    produce("static", two_shots(protocol("one", "two")), tmp_path / "out")
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "static: only the first prompt is read; 1 later ignored (1 of 2 clips)",
        "[1/2] p0-seed0",
        "[2/2] p1-seed0",
    ]


def test_where_nothing_can_be_made_the_first_reason_is_raised(
    tmp_path: Path, protocol: Make
) -> None:
    with pytest.raises(ConfigError) as caught:
        produce("oracle", protocol("one", "two"), tmp_path / "out")
    assert caught.value.code == "not_world_text"


def test_where_some_cannot_be_made_the_others_are(
    tmp_path: Path, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = produce("oracle", protocol("one", EXAMPLE[0]), tmp_path / "out")
    assert "1 of 2 clips are refused and will count as failed" in capsys.readouterr().err
    refused, made = read_manifest(manifest)
    assert refused.failure is not None
    assert refused.failure.code == "not_world_text"
    assert made.failure is None
    assert made.path.exists()


def test_another_configuration_of_the_same_name_is_refused(tmp_path: Path, protocol: Make) -> None:
    config = tmp_path / "model.yaml"
    config.write_text("program: [python, make.py, '{out}']")
    produce(f"command:{config}", protocol("one"), tmp_path / "out")
    config.write_text("program: [python, make.py, '{out}', '{seed}']")
    with pytest.raises(ConfigError) as caught:
        produce(f"command:{config}", protocol("one"), tmp_path / "out")
    assert caught.value.code == "clips_of_other_generator"


# It writes the same for every seed but the third.
SAME = "sh -c 'case {seed} in 2) echo other;; *) echo one;; esac > {out}'"


def test_two_clips_of_equal_content_are_told(
    tmp_path: Path, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = protocol("one", seeds=(0, 1, 2, 3))
    manifest = produce(f"command:{SAME}", asked, tmp_path / "out")
    told = "{}: the file is identical to that of p0-seed0"
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "identical" in line] == [
        told.format("p0-seed1"),
        told.format("p0-seed3"),
    ]
    entries = read_manifest(manifest)
    assert [entry.same_as for entry in entries] == [None, "p0-seed0", None, "p0-seed0"]
    produce(f"command:{SAME}", asked, tmp_path / "out")
    assert read_manifest(manifest) == entries


def test_a_run_and_its_report_say_which_clips_are_equal(
    tmp_path: Path, protocol: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, one = protocol("one", seeds=(0, 1)), tmp_path / "one.mp4"
    write_video(one, [np.zeros((4, 16, 32, 3), np.uint8)], 8.0)
    generator = f"command:cp {one} {{out}}"
    manifest = produce(generator, asked, tmp_path / "clips")
    for found in (
        evaluate(manifest, out=tmp_path / "kept", protocol=asked, workers=1),
        evaluate_streaming(generator, out=tmp_path / "made", protocol=asked, workers=1),
    ):
        told = "2 videos have the same content, byte for byte, and count as 2: p0-seed0, p0-seed1"
        assert found.record.videos["copies"] == 1
        assert told in (found.folder / "log.txt").read_text()
        assert told in render_report(found)
        capsys.readouterr()
        print_outcome(found, tmp_path, as_json=False)
        assert told in capsys.readouterr().err
