"""The generator without weights makes what it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.generators.baselines.procedural import Loop, Procedural
from lvbench.generators.contract.base import Request
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

REQUEST = Request("a", (), 1.5, 12.0, 64, 48, 3)


def test_frames_are_as_asked() -> None:
    frames = np.concatenate(list(Procedural().frames(REQUEST)))
    assert (frames.shape, frames.dtype) == ((18, 48, 64, 3), np.dtype(np.uint8))


def test_the_file_holds_the_very_frames(tmp_path: Path) -> None:
    clip = Procedural().make(REQUEST, tmp_path / "a.mp4")
    with open_video(clip.path, Products(rgb=True)) as reader:
        read = np.concatenate([chunk.rgb for chunk in reader if chunk.rgb is not None])
    assert np.array_equal(read, np.concatenate(list(Procedural().frames(REQUEST))))
    assert clip.cost["generated_seconds"] == pytest.approx(1.5)
    assert clip.seams == ()


@pytest.mark.parametrize("seconds", [1.0, 2.0, 7.25])
def test_the_loop_shows_two_seconds_again_and_again(seconds: float) -> None:
    found = np.concatenate(list(Loop().frames(replace(REQUEST, seconds=seconds))))
    assert len(found) == 12 * seconds
    once = np.concatenate(list(Procedural().frames(replace(REQUEST, seconds=2.0))))
    np.testing.assert_array_equal(found, np.resize(once, found.shape))
