"""Clips are cut as VBench-Long cuts them, the last one borrowing what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Extractor, Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.vbench_long_consistency import Clips
from lvbench.metrics.functional import metric_function
from lvbench.metrics.registry import METRICS, build
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

NAMES = ["vbench_long_subject_consistency", "vbench_long_background_consistency"]
both = pytest.mark.parametrize("name", NAMES)


def cut(frames: int, fps: float, blocks: int = 7) -> tuple[list[int], list[int]]:
    """Return the first frame of each clip, and the frame at which it starts by its time."""
    # Frame i is the unit vector i: a clip's first vector shows where it begins.
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


def test_scores_within_a_clip_start_again() -> None:
    vectors = np.repeat(np.eye(3), 8, axis=0)
    clips = Clips(VideoContext(fps=4.0))
    clips.add(Features(np.arange(24) / 4, {"image": vectors}))
    assert clips.finished()[2].tolist() == [1.0, 1.0, 1.0]


def scored(name: str, frames: NDArray[np.uint8]) -> ItemScore:
    tools: dict[str, Extractor] = {need: tool(need) for need in METRICS.get(name).info.needs}
    found: ItemScore = metric_function(name)(frames, 8.0, extractors=tools)
    return found


@both
def test_another_picture_in_every_clip_is_seen_between_the_clips_alone(name: str) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 2, (4, 4, 4, 3)).astype(np.uint8) * 255
    frames = np.repeat(pictures.repeat(8, axis=1).repeat(8, axis=2), 16, axis=0)
    found = scored(name, frames)
    assert found.components["within_clips"] == pytest.approx(1.0)
    assert found.components["between_clips"] < 0.8
    assert found.value == pytest.approx((1.0 + found.components["mapped"]) / 2)
    assert found.series["between_clips"].t == [2.0, 4.0, 6.0]


@both
def test_the_table_maps_what_is_between_clips_linearly(name: str) -> None:
    metric = build(name)
    state = metric.new_state(VideoContext(fps=2.0))
    turned = np.repeat([[1.0, 0.0], [0.6, 0.8]], 4, axis=0)
    for need in dict.fromkeys(metric.needs[:-1]):
        metric.update(state, {need: Features(np.arange(8) / 2, {"image": turned})})
    table = np.array([[[0.0, 0.0], [0.5, 0.9], [0.7, 0.95], [1.0, 1.0]]])
    metric.update(state, {metric.needs[-1]: Features(np.zeros(1), {"map": table})})
    found = metric.item(state)
    assert found.components["between_clips"] == pytest.approx(0.6)
    assert found.components["mapped"] == pytest.approx(0.925)
    assert found.value == pytest.approx((1.0 + 0.925) / 2)


@both
def test_a_single_clip_is_too_short(name: str) -> None:
    found = scored(name, np.zeros((16, 32, 32, 3), np.uint8))
    assert (found.status, found.code) == ("not_applicable", "too_short")
