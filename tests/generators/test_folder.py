"""Clips that are there are found by id or by what was asked for; what is missing is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lvbench.errors import ConfigError, GeneratorError, UsageError
from lvbench.generators.contract.base import Request
from lvbench.generators.folder import FolderGenerator
from lvbench.generators.production.produce import produce
from lvbench.protocol.schema import Protocol
from lvbench.video.encode import write_video
from lvbench.video.manifest.entry import Prompt
from lvbench.video.manifest.manifest import read_manifest

REQUEST = Request("boat-seed0", (Prompt(text="a red  boat"),), 0.5, 8.0, 32, 16, 0)
SAID = {"prompts": [{"text": "a red boat"}], "seed": 0}


def clip(path: Path, frames: int = 4) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, [np.full((frames, 16, 32, 3), 99, np.uint8)], 8)
    return path


def manifest(folder: Path, *rows: dict[str, Any]) -> FolderGenerator:
    for row in rows:
        if not (folder / row["path"]).exists():
            clip(folder / row["path"])
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return FolderGenerator(str(folder))


@pytest.mark.parametrize("name", ["boat-seed0.mp4", "deep/er/boat-seed0.mkv"])
def test_a_file_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    path = clip(tmp_path / name)
    made = FolderGenerator(str(tmp_path)).make(REQUEST, tmp_path / "out" / "x.mp4")
    assert made.path == path
    assert made.seams is None
    assert not (tmp_path / "out").exists()


def test_a_manifest_tells_id_seams_and_cost(tmp_path: Path) -> None:
    cost = {"seconds": 3.0, "generated_seconds": 0.5}
    row = {"path": "x.mp4", "id": "boat-seed0", "seams": [0.25], "cost": cost, "generator": "m 1"}
    generator = manifest(tmp_path, row)
    made = generator.make(REQUEST, tmp_path / "y.mp4")
    assert (made.path, made.seams, made.cost) == (tmp_path / "x.mp4", (0.25,), cost)
    assert generator.info.name == "m 1"


def test_prompts_and_seed_find_what_no_id_does(tmp_path: Path) -> None:
    rows = [{"path": f"{seed}.mp4", **SAID, "seed": seed} for seed in (1, 0)]
    generator = manifest(tmp_path, *rows)
    assert generator.make(REQUEST, tmp_path / "y.mp4").path == tmp_path / "0.mp4"
    assert generator.info.name == f"folder:{tmp_path.name}"


def refused(generator: FolderGenerator, request: Request = REQUEST) -> GeneratorError:
    with pytest.raises(GeneratorError) as caught:
        generator.plan(request)
    with pytest.raises(GeneratorError, match="find the clip"):
        generator.make(request, Path("y.mp4"))
    return caught.value


def test_what_is_missing_is_told_with_what_there_is(tmp_path: Path) -> None:
    generator = manifest(tmp_path, *({"path": f"{n}.mp4", "id": f"fox{n}"} for n in range(6)))
    error = refused(generator)
    assert error.code == "clip_missing"
    assert "there are 6: fox0, fox1, fox2, fox3, fox4 ..." in error.found
    assert "boat-seed0.mp4" in error.fix


def test_two_of_a_kind_are_not_chosen_from(tmp_path: Path) -> None:
    twice = manifest(tmp_path / "a", {"path": "0.mp4", **SAID}, {"path": "1.mp4", **SAID})
    assert refused(twice).code == "clip_ambiguous"
    clip(tmp_path / "b" / "x" / "boat-seed0.mp4")
    clip(tmp_path / "b" / "y" / "boat-seed0.mp4")
    assert refused(FolderGenerator(str(tmp_path / "b"))).code == "clip_ambiguous"


def test_a_clip_of_other_prompts_is_not_served(tmp_path: Path) -> None:
    row = {"path": "x.mp4", "id": "boat-seed0", "prompts": [{"text": "a fox"}]}
    error = refused(manifest(tmp_path, row))
    assert (error.code, "'a fox'" in error.found) == ("clip_of_other_prompts", True)


def test_the_plan_is_what_the_file_holds(tmp_path: Path) -> None:
    clip(tmp_path / "boat-seed0.mp4", frames=12)
    plan = FolderGenerator(str(tmp_path)).plan(replace(REQUEST, fps=24.0, width=64))
    assert (plan.frames, plan.fps, plan.width, plan.height) == (12, 8.0, 32, 16)
    assert plan.notes == (
        "8 frames per second instead of 24",
        "12 frames instead of 4",
        "32x16 pixels instead of 64x16",
        "1.50 s instead of 0.5",
    )


def test_a_file_that_a_manifest_names_in_vain_is_missing(tmp_path: Path) -> None:
    generator = manifest(tmp_path, {"path": "x.mp4", "id": "boat-seed0"})
    (tmp_path / "x.mp4").unlink()
    with pytest.raises(GeneratorError) as caught:
        generator.make(REQUEST, tmp_path / "y.mp4")
    assert caught.value.code == "clip_missing"


def test_pictures_keep_their_rate(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (32, 16), (number, 9, 9)).save(folder / f"{number:03}.png")
    generator = manifest(tmp_path, {"path": "pictures", "id": "boat-seed0", "fps": 8.0})
    assert generator.make(REQUEST, tmp_path / "y.mp4").fps == 8.0
    assert generator.plan(REQUEST).notes == ()


def test_where_there_is_nothing_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        FolderGenerator(str(tmp_path))
    (tmp_path / "manifest.jsonl").write_text("{}\n")
    with pytest.raises(ConfigError):
        FolderGenerator(str(tmp_path))


def test_a_protocol_is_served_and_the_missing_are_counted(
    tmp_path: Path, protocol: Callable[..., Protocol], capsys: pytest.CaptureFixture[str]
) -> None:
    clip(tmp_path / "clips" / "p0-seed0.mp4")
    found = produce(f"folder:{tmp_path / 'clips'}", protocol("one", "two"), tmp_path / "out")
    said = capsys.readouterr().err
    assert "1 of 2 clips are refused and will count as failed" in said
    served, missing = read_manifest(found)
    assert served.path == tmp_path / "clips" / "p0-seed0.mp4"
    assert served.cost == {}
    assert missing.failure is not None
    assert missing.failure.code == "clip_missing"
    assert not list((tmp_path / "out").glob("*.mp4"))
