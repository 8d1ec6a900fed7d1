"""Whole runs with metrics of sets that read an encoder, a copy from the real set among them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.report.page.report import write_report
from lvbench.results.journal import read_features
from lvbench.results.neighbours import read_neighbours
from lvbench.results.run import Run
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

pytestmark = pytest.mark.assets

PROTOCOL = """\
name: own-sets
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {name: diversity, version: 1}
  - {name: self_repetition, version: 1}
  - {name: memorisation, version: 1}
"""

COSTS = """\
name: costs
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {name: cost, version: 1}
  - {name: freeze, version: 1}
"""


def clip(seed: int, seconds: float = 3.0) -> np.ndarray:
    return np.concatenate(list(render_clip(seconds, 8.0, 96, 64, seed)))


def write(folder: Path, clips: dict[str, np.ndarray]) -> Path:
    folder.mkdir(parents=True)
    for name, frames in clips.items():
        write_video(folder / f"{name}.mp4", [frames], 8.0)
    return folder


def manifest(folder: Path, seconds: float) -> None:
    lines = [
        {"path": path.name, "id": path.stem, "cost": {"seconds": seconds, "generated_seconds": 3.0}}
        for path in sorted(folder.glob("*.mp4"))
    ]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("own-sets")
    (root / "own-sets-v1.yaml").write_text(PROTOCOL)
    write(root / "real", {f"r{i}": clip(10 + i) for i in range(3)})
    write(root / "fake", {"new": clip(1), "copy": clip(12)[4:]})
    return root


def run_evaluation(root: Path, out: Path, assets: Path, **more: Path) -> Run:
    protocol = str(root / "own-sets-v1.yaml")
    weights = assets / "assets" / "image_nets"
    return evaluate(
        root / "fake", out=out, protocol=protocol, weights=weights, device="cpu", workers=1, **more
    )


@pytest.fixture(scope="module")
def run(root: Path, assets: Path) -> Run:
    return run_evaluation(root, root / "run", assets, real=root / "real")


def test_the_copy_is_named_with_its_place(run: Run) -> None:
    first = read_neighbours(run.folder)[0]
    assert (first["video"], first["real"], first["copied"]) == ("copy.mp4", "r2.mp4", True)
    assert first["real_start"] - first["start"] == pytest.approx(0.5)
    assert run.scores["memorisation"].status == "ok"
    page = write_report(run.folder, videos=run.folder).read_text()
    assert "Nearest real videos" in page
    assert page.count("frames of copy.mp4 from") == 1


def test_sets_need_no_real_one_and_keep_two_vectors_a_second(
    run: Run, root: Path, assets: Path
) -> None:
    alone = run_evaluation(root, root / "alone", assets)
    assert alone.scores["diversity"].value == run.scores["diversity"].value
    assert alone.scores["diversity.real"].status == "not_applicable"
    assert run.scores["diversity.real"].value is not None
    assert alone.scores["memorisation"].code == "no_real_set"
    assert not read_neighbours(alone.folder)
    kept = read_features(alone.folder, next(i for i in alone.items if i.video.id == "new.mp4"))
    assert kept["mobilenet_v2.image"].shape == (6, 1280)
    assert kept["mobilenet_v2.image"].dtype == np.float16


def test_cost_is_read_marked_and_no_part_of_the_identity(root: Path, tmp_path: Path) -> None:
    (tmp_path / "costs-v1.yaml").write_text(COSTS)
    found = []
    for seconds in (6.0, 9.0):
        folder = tmp_path / str(seconds)
        shutil.copytree(root / "fake", folder)
        manifest(folder, seconds)
        protocol = str(tmp_path / "costs-v1.yaml")
        found.append(evaluate(folder, out=folder / "run", protocol=protocol, workers=1))
    first, dearer = found
    assert (first.scores["cost"].value, dearer.scores["cost"].value) == (2.0, 3.0)
    assert first.scores["cost"].measured
    assert not first.scores["freeze"].measured
    assert dearer.record.protocol.hash == first.record.protocol.hash
    assert dearer.record.signature == first.record.signature
