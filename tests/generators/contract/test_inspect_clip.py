"""What a trial says of a clip is what its file shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.generators.baselines.oracle import Oracle
from lvbench.generators.contract.inspect_clip import inspect_clip, peak_memory_by_quarter


def test_a_clip_is_seen_as_its_file_is(tmp_path: Path) -> None:
    generator = Oracle()
    found = inspect_clip(generator, generator.example(), tmp_path / "a.mp4")
    assert (found.frames, found.width, found.height) == (16, 64, 48)
    assert found.fps == pytest.approx(8)
    assert found.seconds == pytest.approx(2)
    assert found.audio_seconds == pytest.approx(2)
    assert found.seams == ()
    assert found.digest == inspect_clip(generator, generator.example(), tmp_path / "b.mp4").digest


def test_the_peak_of_each_quarter_is_its_own() -> None:
    chunks = (np.zeros((2, 100, 100 * size, 3), np.uint8) for size in (1, 1, 8, 1))
    peaks = peak_memory_by_quarter(chunks, 8)
    assert peaks[2] > 4 * peaks[1]
    assert peaks[3] < 10 * 60_000
    one_chunk = (np.zeros((8, 100, 100, 3), np.uint8) for _ in range(1))
    assert peak_memory_by_quarter(one_chunk, 8)[3] > 200_000
