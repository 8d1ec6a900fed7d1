"""Sources: excerpts by file name, the world, a user's videos, and what is left out."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import UsageError
from lvbench.validity.clip import ArrayClip, Clip
from lvbench.validity.sources import EXCERPTS, SIDE, WORLD, Sources, find_sources
from lvbench.validity.stage import STAGED
from lvbench.video.encode import write_video


def write(path: Path, seconds: float, fps: float = 12.0, size: tuple[int, int] = (320, 96)) -> None:
    """Write a clip whose level grows with time."""
    levels = np.linspace(20, 230, round(seconds * fps)).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (len(levels), size[1], size[0], 3))
    write_video(path, [frames], fps, options={"preset": "ultrafast"})


@pytest.fixture(scope="module")
def world() -> Sources:
    return find_sources(WORLD)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two good videos, a short one and a broken one."""
    path = tmp_path_factory.mktemp("videos")
    write(path / "one.mp4", 4.5)
    write(path / "two.mp4", 11.0, 60.0, (64, 48))
    write(path / "short.mp4", 2.0)
    (path / "broken.mp4").write_bytes(b"no video" * 100)
    return path


def test_the_table_has_six_real_and_six_generated_clips_of_different_kinds() -> None:
    for kind in ("real", "generated"):
        assert len({one.category for one in EXCERPTS if one.kind == kind}) >= 6
    names = [one.name for one in EXCERPTS]
    assert len(set(names)) == len(names)


def test_the_world_is_always_there(world: Sources) -> None:
    assert len(world.sources) >= 6
    assert len({source.sha256 for source in world.sources}) == len(world.sources)
    for source in world.sources:
        clip = source.clip()
        assert source.kind == "world"
        assert clip.shape.seconds >= 8
        numbers = np.array([5, 3, 4])
        assert np.array_equal(clip.take(numbers), clip.take(numbers[[1, 2, 0]])[[2, 0, 1]])
    needs = [need for source in world.sources for need in source.needs]
    assert all(needs.count(need) >= 3 for need in (*STAGED, "prompts", "audio"))


def test_a_night_is_dark_and_has_grain(world: Sources) -> None:
    night = next(s for s in world.sources if s.name == "world_night").clip().take(np.arange(2))
    assert night.mean() < 60
    assert np.abs(np.diff(night.astype(int), axis=0)).mean() > 0.5


def test_a_folder_gives_its_videos_and_says_what_it_leaves_out(folder: Path) -> None:
    found = find_sources(folder)
    assert [(s.name, s.kind) for s in found.sources] == [("one.mp4", "user"), ("two.mp4", "user")]
    left = {one.path: one.why for one in found.left_out}
    assert set(left) == {"short.mp4", "broken.mp4"}
    assert "2.0 s" in left["short.mp4"]


def test_a_clip_is_reduced_in_size_rate_and_length(folder: Path) -> None:
    one, two = (source.clip() for source in find_sources(folder).sources)
    assert (one.shape.width, one.shape.height, one.shape.fps) == (SIDE, 76, 12.0)
    assert (two.shape.frames, two.shape.fps) == (300, 30.0)
    levels = two.take(np.arange(300)).mean(axis=(1, 2, 3))
    assert np.diff(levels).min() > -1
    assert levels[-1] == pytest.approx(20 + 210 * 10 / 11, abs=3)


def test_sources_travel_to_other_processes_and_lend_their_scenes(folder: Path) -> None:
    sources = find_sources(folder).sources
    assert pickle.loads(pickle.dumps(sources)) == sources
    one, two = sources
    assert one.lender is not None
    assert two.lender is not None
    assert (one.lender.name, two.lender.name) == (two.name, one.name)
    assert one.digest("") == replace(one, lender=None).digest("")
    assert one.digest("view") != replace(one, lender=None).digest("view")
    for need in STAGED:
        assert sources[0].based(need).shape == sources[0].clip().shape
    clip = sources[0].based("")
    assert isinstance(clip, ArrayClip)


def test_standard_files_are_recognised_and_others_left_out(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "mdn_flower.mp4", 5.0)
    write(tmp_path / "other.mp4", 5.0)
    found = find_sources(tmp_path)
    assert found.sources[0].name == "flower"
    assert {s.kind for s in found.sources} == {"real", "world"}
    assert [one.path for one in found.left_out] == ["other.mp4"]


def test_a_folder_without_a_source_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "short.mp4", 1.0)
    with pytest.raises(UsageError, match=r"short\.mp4.*1\.0 s"):
        find_sources(tmp_path)


def test_the_folder_of_the_environment_is_the_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVBENCH_ASSETS", str(folder))
    assert len(find_sources().sources) == 2
    monkeypatch.delenv("LVBENCH_ASSETS")
    assert {source.kind for source in find_sources().sources} == {"world"}


def test_held_frames_stay_in_step(tmp_path: Path) -> None:
    frames = np.arange(0, 200, 4, dtype=np.uint8)[:, None, None, None]
    clip = np.broadcast_to(frames, (50, 48, 64, 3))
    numbers = [*range(40), *range(60, 70)]
    write_video(tmp_path / "held.mp4", [clip], 10, numbers=numbers)
    found: Clip = find_sources(tmp_path).sources[0].clip()
    levels = found.take(np.arange(found.shape.frames))[:, 0, 0, 1]
    assert found.shape.fps == 10
    assert np.ptp(levels[40:60].astype(int)) <= 2
    assert levels[62] > levels[50] + 6
