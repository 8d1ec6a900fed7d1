"""decord and PyAV give the same frames where they can; always in a child with a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lvbench.errors import MissingDependencyError, UsageError
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

HASH_EVERY_TENTH = """
import hashlib, json, sys
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

found = []
for backend in ("pyav", "decord"):
    digest, at, times = hashlib.sha256(), 0, []
    with open_video(sys.argv[1], Products(rgb=True), backend=backend) as reader:
        for chunk in reader:
            for rgb in chunk.rgb:
                if at % 10 == 0:
                    digest.update(rgb.tobytes())
                at += 1
            times += [round(float(t), 4) for t in chunk.pts]
        found.append([reader.outcome.status, digest.hexdigest(), times])
print(json.dumps(found))
"""


def both(path: Path) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", HASH_EVERY_TENTH, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return list(json.loads(done.stdout))


@pytest.mark.assets
@pytest.mark.parametrize("name", ["ltx2_with_audio.mp4", "worldmark_m3_good.mp4"])
def test_frames_and_times_agree_on_real_h264(videos: Path, name: str) -> None:
    pyav, decord = both(videos / name)
    assert pyav == decord


def test_frames_and_times_agree_on_synthetic_h264(awkward: Path) -> None:
    pyav, decord = both(awkward / "faststart.mp4")
    assert pyav == decord


def test_other_products_are_refused(awkward: Path) -> None:
    with pytest.raises(UsageError, match="rgb"):
        open_video(awkward / "h264.mp4", Products(luma=True), backend="decord")


def test_without_decord(awkward: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "decord", None)
    with pytest.raises(MissingDependencyError, match="lvbench\\[decord\\]"):
        open_video(awkward / "h264.mp4", Products(rgb=True), backend="decord")
