"""Ten minutes of video need the memory of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

FPS = 5.0  # A frame costs the same at any size: few of them, and large enough to be noticed.


@pytest.fixture(scope="module")
def minute() -> np.ndarray:
    """Return frames of ten seconds; a minute is six passes over them, each shifted."""
    return np.concatenate(list(render_clip(10.0, FPS, 128, 96, 0)))


def test_peak_memory_does_not_grow_with_length(minute: np.ndarray, tmp_path: Path) -> None:
    peaks = {}
    for minutes in (1, 10):
        clip = tmp_path / f"{minutes}.mp4"
        passes = (np.roll(minute, shift, axis=2) for shift in range(6 * minutes))
        write_video(clip, passes, FPS)
        run = evaluate(clip, out=tmp_path / f"run{minutes}", protocol="lvb-smoke", workers=1)
        assert run.items[0].video.frames == 60 * FPS * minutes
        peaks[minutes] = run.record.timing["worker_peak_bytes"]
    assert peaks[10] <= 1.10 * peaks[1], peaks
