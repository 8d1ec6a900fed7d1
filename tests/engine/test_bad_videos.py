"""What is wrong with one video ends in its record; the other videos' results stand."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import find_tasks
from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol.load import load_protocol
from lvbench.video.decoding.decode import VideoReader, open_video


def test_bad_videos_fail_by_name_and_good_ones_stand(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    folder = tmp_path / "clips"
    shutil.copytree(clips, folder)
    data = (clips / "clip0.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(data[: len(data) // 2])
    (folder / "text.mp4").write_text("this is no video")
    (folder / "empty.mp4").write_bytes(b"")
    lines = [{"path": path.name} for path in sorted(folder.glob("*.mp4"))]
    lines.append({"path": "gone.mp4"})
    (folder / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in lines))

    run = evaluate(folder, out=tmp_path / "run", protocol=quick)
    good = evaluate(clips, out=tmp_path / "good", protocol=quick)

    codes = {item.video.path: item.video.code for item in run.items if item.video.code}
    assert codes.keys() == {"cut.mp4", "text.mp4", "empty.mp4", "gone.mp4"}
    assert codes["gone.mp4"] == "file_missing"
    assert codes["empty.mp4"] == "file_empty"
    assert codes["text.mp4"] == "not_a_video"
    for item in run.items:
        assert all((s.status == "failed") == bool(item.video.code) for s in item.metrics.values())
        if item.video.code:
            assert item.video.detail
            assert "fix" in item.video.detail or "run again" in item.video.detail
    stood = {item.video.id: item.metrics for item in run.items if not item.video.code}
    assert stood == {item.video.id: item.metrics for item in good.items}
    score = run.scores["exposure_drift"]
    assert (score.n_expected, score.n_scored, score.n_failed) == (8, 4, 4)
    assert run.record.videos == {"expected": 8, "failed": 4, "with_failed_metrics": 0}
    assert run.record.status == "complete"


def test_a_truncated_file_is_distinguished_from_a_complete_one(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    from lvbench.video.encode import write_video
    from lvbench.world.clip import render_clip

    path = tmp_path / "cut.mkv"
    write_video(path, render_clip(6.0, 8.0, 96, 64, 0), 8.0)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6)])
    run = evaluate(path, out=tmp_path / "run", protocol=quick)
    assert run.items[0].video.code in ("video_truncated", "video_damaged")
    assert run.items[0].video.frames


def test_a_file_that_may_not_be_read_says_so(
    clips: Path, quick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    task = find_tasks(clips / "clip0.mp4")[0]
    tools = build_tools(load_protocol(quick))
    monkeypatch.setattr(Path, "open", refuse)
    record = score_video(task, tools).record
    assert record.video.code == "permission_denied"
    assert all(score.code == "permission_denied" for score in record.metrics.values())


def test_special_files_fail_at_once_and_good_videos_stand(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    shutil.copy(clips / "clip0.mp4", folder)
    os.mkfifo(folder / "pipe.mp4")
    (folder / "device.mp4").symlink_to("/dev/zero")
    (folder / "broken.mp4").symlink_to("nowhere")
    (folder / "kernel.mp4").symlink_to("/proc/kmsg")
    shutil.copy(clips / "clip1.mp4", folder / "sparse.mp4")
    os.truncate(folder / "sparse.mp4", 1 << 40)
    started = time.monotonic()
    run = evaluate(folder, out=tmp_path / "run", protocol=quick)
    assert time.monotonic() - started < 60
    assert {item.video.path: item.video.code for item in run.items} == {
        "clip0.mp4": None,
        "pipe.mp4": "not_regular",
        "device.mp4": "not_regular",
        "broken.mp4": "file_missing",
        "kernel.mp4": "file_empty",
        "sparse.mp4": "sparse_file",
    }


@pytest.mark.parametrize("sequence", [False, True])
def test_a_video_replaced_while_it_is_read_fails_by_name(
    clips: Path, quick: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, sequence: bool
) -> None:
    path = tmp_path / ("seq" if sequence else "clip.mp4")
    if sequence:
        path.mkdir()
        for index in range(40):
            Image.new("RGB", (32, 24), (index, 0, 0)).save(path / f"{index:03}.png")
    else:
        shutil.copy(clips / "clip0.mp4", path)
    victim = path / "039.png" if sequence else path

    def replacing(*given: Any, **named: Any) -> VideoReader:
        if sequence:
            Image.new("RGB", (32, 24)).save(tmp_path / "other.png")
            (tmp_path / "other.png").replace(victim)
        else:
            shutil.copy(clips / "clip1.mp4", tmp_path / "other.mp4")
            (tmp_path / "other.mp4").replace(victim)
        return open_video(*given, **named)

    monkeypatch.setattr("lvbench.engine.video_pass.one_pass.open_video", replacing)
    record = score_video(find_tasks(path)[0], build_tools(load_protocol(quick))).record
    assert record.video.status == "failed"
    assert record.video.code == "file_changed"
    assert record.video.sha256 is None
    assert all(score.code == "file_changed" for score in record.metrics.values())


def test_hashing_a_video_gives_signs_of_life(clips: Path, quick: str) -> None:
    beats: list[int] = []
    tools = build_tools(load_protocol(quick))
    score_video(find_tasks(clips / "clip0.mp4")[0], tools, beats.append, max_frames=1)
    assert beats[0] == 0
    assert sum(beats) > 0
