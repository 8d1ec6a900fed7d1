"""Clips are cut as VBench-Long cuts them, the last one borrowing what it lacks."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.vbench_long_consistency import Clips


def cut(frames: int, fps: float, blocks: int = 7) -> tuple[list[int], list[int]]:
    """Return the first frame of each clip, and the frame at which it starts by its time."""
    # Frame i is the unit vector i: clips tell by their first vector where they begin.
    clips = Clips(VideoContext(fps=fps))
    vectors = np.eye(frames)
    for start in range(0, frames, blocks):
        part = slice(start, start + blocks)
        clips.add(Features(np.arange(frames)[part] / fps, {"image": vectors[part]}))
    starts, firsts, _ = clips.finished()
    return firsts.argmax(axis=1).tolist(), np.rint(starts * fps).astype(int).tolist()


@pytest.mark.parametrize(
    ("frames", "fps", "expected"),
    [
        (32, 8.0, [0, 16]),
        (33, 8.0, [0, 16, 17]),
        (47, 8.0, [0, 16, 31]),
        (48, 8.0, [0, 16, 32]),
        (16, 8.0, [0]),
        (20, 8.0, [0, 4]),
        (150, 30000 / 1001, [0, 58, 92]),  # VBench counts int(29.97) * 2 = 58 frames a clip
        (120, 24.0, [0, 48, 72]),
        (92, 24000 / 1001, [0, 46]),
    ],
)
def test_clips_start_where_vbench_starts_them(frames: int, fps: float, expected: list[int]) -> None:
    assert cut(frames, fps) == (expected, expected)


def test_blocks_move_nothing() -> None:
    assert cut(100, 12.0, 1) == cut(100, 12.0, 8) == cut(100, 12.0, 100)


def test_a_video_shorter_than_a_clip_is_one_clip() -> None:
    assert cut(5, 8.0)[0] == [0]


def test_nothing_is_no_clip() -> None:
    starts, firsts, scores = Clips(VideoContext(fps=8.0)).finished()
    assert len(starts) == len(firsts) == len(scores) == 0


def test_memory_is_a_vector_a_clip_and_one_clip_of_frames() -> None:
    clips = Clips(VideoContext(fps=8.0))
    for i in range(100):
        t = i + np.arange(8) / 8
        clips.add(Features(t, {"image": np.ones((8, 4))}))
    assert len(clips._recent) == 16
    assert len(clips._done) == 49


def test_scores_within_a_clip_start_anew() -> None:
    vectors = np.repeat(np.eye(3), 8, axis=0)
    clips = Clips(VideoContext(fps=4.0))
    clips.add(Features(np.arange(24) / 4, {"image": vectors}))
    assert clips.finished()[2].tolist() == [1.0, 1.0, 1.0]
