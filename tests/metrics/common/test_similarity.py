"""Vectors per segment are what the frames' vectors average to, in memory of one per segment."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.segments import Segments
from lvbench.metrics.common.similarity import (
    SegmentVectors,
    cosine,
    half_life_components,
    half_life_infos,
    unit,
)


def test_a_vector_of_length_zero_stays_zero() -> None:
    found = unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert found.tolist() == [[0.6, 0.8], [0.0, 0.0]]
    assert cosine(found, found[::-1]).tolist() == [0.0, 0.0]


def test_rounding_takes_no_cosine_past_one() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(1000, 7)))
    assert cosine(vectors, vectors).max() <= 1.0


def _directions(blocks: list[int]) -> tuple[list[int], np.ndarray]:
    rng = np.random.default_rng(1)
    vectors, t = rng.normal(size=(20, 5)), np.arange(20) / 8
    state = SegmentVectors(VideoContext(segment_seconds=0.5))
    for part in np.split(np.arange(20), np.cumsum(blocks)):
        state.add(Features(t[part], {"image": vectors[part]}), "image")
    ids, found = state.directions()
    return ids.tolist(), found


def test_segments_are_the_directions_of_their_frames_mean() -> None:
    ids, found = _directions([])
    rng = np.random.default_rng(1)
    vectors = unit(rng.normal(size=(20, 5)))
    expected = unit(vectors.reshape(5, 4, 5).mean(axis=1))
    assert ids == [0, 1, 2, 3, 4]
    assert np.allclose(found, expected, atol=1e-7)


def test_blocks_move_no_bit() -> None:
    whole, parts = _directions([]), _directions([1, 2, 7, 3])
    assert whole[0] == parts[0]
    assert np.array_equal(whole[1], parts[1])


def test_a_short_last_segment_is_dropped_and_an_empty_one_left_out() -> None:
    t = np.array([0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3, 1.5])
    state = SegmentVectors(VideoContext(segment_seconds=0.5))
    state.add(Features(t, {"image": np.ones((9, 3))}), "image")
    assert state.directions()[0].tolist() == [0, 2]


def test_half_life_is_a_component_only_where_the_baseline_is_known() -> None:
    t = np.arange(0.5, 12.0)
    falls = Segments(t, np.where(t < 6, 0.9, 0.3))
    stays = Segments(t, np.full(12, 0.9))
    assert half_life_components(falls, -1.0) == {}
    assert half_life_components(falls, 0.2) == {"holds": 0.0, "half_life": 6.5}
    assert half_life_components(stays, 0.2) == {"holds": 1.0}
    assert half_life_components(stays, 0.95) == {}
    assert half_life_components(Segments(t[:0], t[:0]), 0.2) == {}
    infos = half_life_infos("Similarity")
    assert infos["half_life"].censored_with == "holds"


def test_no_frames_are_no_segments() -> None:
    ids, vectors = SegmentVectors(VideoContext()).directions()
    assert len(ids) == len(vectors) == 0


@pytest.mark.parametrize("segments", [10, 1000])
def test_memory_is_one_vector_a_segment(segments: int) -> None:
    state = SegmentVectors(VideoContext(segment_seconds=1.0))
    for i in range(segments):
        t = i + np.arange(30) / 30
        state.add(Features(t, {"image": np.random.default_rng(i).normal(size=(30, 8))}), "image")
    held = sum(v.nbytes for v in state._means)
    assert held <= segments * 8 * 4
