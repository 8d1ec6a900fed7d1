"""The demo's clips: one healthy, one for every fault, rendered once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.validity import demo_clips
from lvbench.validity.demo_clips import FAULTS, planted, render_demo_clips
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WIDTH", 64), ("HEIGHT", 48)):
        monkeypatch.setattr(demo_clips, name, value)


@pytest.mark.usefixtures("small")
def test_one_clip_for_every_fault_and_what_is_there_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "loops.mp4").write_bytes(b"kept")
    render_demo_clips(folder)
    assert sorted(p.name for p in folder.iterdir()) == sorted(f"{name}.mp4" for name in FAULTS)
    assert (folder / "loops.mp4").read_bytes() == b"kept"
    with open_video(folder / "healthy.mp4", Products(luma=True)) as reader:
        assert sum(len(chunk) for chunk in reader) == 288


def test_every_fault_but_the_healthy_one_shows_in_a_clip_of_the_demo() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (288, 8, 64, 3), dtype=np.uint8)
    for name in FAULTS:
        assert np.array_equal(planted(name, clip), clip) == (name == "healthy")
