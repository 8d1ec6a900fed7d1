"""`lvbench reference` as a user meets it: train a little, stop, go on, sample, ask."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lvbench.reference.sampling.switches import SAMPLING, switch_help
from lvbench.video.decoding.decode import probe
from tests.commands import lvbench


def train(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return lvbench(
        "reference", "train", "nano", "--out", out, "--batch", "2", "--distance", "0", *words
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reference") / "nano"
    said = train(out, "--steps", "3", "--decay", "0", "--threads", "1")
    assert said.returncode == 0, said.stderr
    assert "lvbench reference sample" in said.stdout
    return out


def test_a_run_leaves_weights_log_and_curve(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    assert names == {
        "curve.png",
        "log.jsonl",
        "recipe.json",
        "state.safetensors",
        "weights.safetensors",
    }
    line = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert line["step"] == 3
    assert {"loss", "validation_loss", "next_frame_0"} <= line.keys()


def test_it_goes_on_where_it_stopped_and_keeps_to_its_recipe(run: Path) -> None:
    longer = train(run, "--steps", "5", "--decay", "0", "--threads", "1")
    assert longer.returncode == 0, longer.stderr
    steps = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert steps == [3, 5]
    other = train(run, "--steps", "5", "--decay", "0", "--seed", "2")
    assert other.returncode == 3
    assert "seed differ" in other.stderr


def test_it_samples_its_own_weights(run: Path, tmp_path: Path) -> None:
    model = f"{run / 'weights.safetensors'},steps=1"
    said = lvbench("reference", "sample", model, "--seconds", "2", "--out", tmp_path / "clip.mp4")
    assert said.returncode == 0, said.stderr
    assert "scene=" in said.stdout
    found = probe(tmp_path / "clip.mp4")
    assert (found.width, found.height) == (32, 32)


def test_info_lists_sizes_switches_and_presets() -> None:
    said = lvbench("reference", "info")
    assert said.returncode == 0
    for name in ("nano", "tiny", "base", *switch_help(), *SAMPLING):
        assert name in said.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("train", "giant", "--out", "x"),
        ("sample", "default,sampler=magic", "--out", "x"),
        ("sample", "no-such-preset", "--out", "x"),
    ],
)
def test_what_is_not_there_is_a_usage_error(words: tuple[str, ...]) -> None:
    said = lvbench("reference", *words)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
