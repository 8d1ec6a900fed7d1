"""VBench's consistency is its formula on every frame's vector, and rewards stillness."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.registry import build
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.vbench_consistency import FrameSequence, step_score
from lvbench.metrics.functional import metric_function
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

NAMES = ["vbench_subject_consistency", "vbench_background_consistency"]
both = pytest.mark.parametrize("name", NAMES)
A, B, C = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([-1.0, 0.0])


def test_a_step_is_half_the_previous_and_half_the_first() -> None:
    tilted = np.array([0.6, 0.8])
    assert step_score(tilted, A, B) == pytest.approx((0.6 + 0.8) / 2)


def test_what_points_away_counts_as_nothing_like_it() -> None:
    assert step_score(C, A, A) == 0.0
    assert step_score(C, C, A) == 0.5


def test_the_first_frame_has_no_score() -> None:
    sequence = FrameSequence(VideoContext())
    for t, vector in enumerate([A, A, B, B]):
        sequence.add(float(t), vector)
    assert sequence.t.values().tolist() == [1.0, 2.0, 3.0]
    assert sequence.scores.values().tolist() == [1.0, 0.0, 0.5]


def scored(name: str, frames: NDArray[np.uint8]) -> ItemScore:
    (encoder,) = METRICS.get(name).info.needs
    found: ItemScore = metric_function(name)(frames, 8.0, extractors={encoder: tool(encoder)})
    return found


@both
def test_it_reads_every_frame_with_vbenchs_resize(name: str) -> None:
    spec = build(METRICS.get(name).info.needs[0]).spec
    assert spec.rate is None
    assert "noantialias" in spec.preprocessing


@both
def test_a_still_image_has_the_best_value_and_is_gated(name: str) -> None:
    still = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 32, 48, 3), np.uint8), 16, 0)
    assert scored(name, still).value == pytest.approx(1.0, abs=1e-9)
    assert "stillness" in METRICS.get(name).info.gates


@both
def test_it_is_the_formula_on_the_frames_vectors(name: str) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (9, 32, 48, 3), np.uint8)
    cells = frames.reshape(9, 4, 8, 4, 12, 3).mean(axis=(2, 4)).reshape(9, -1) + 1
    unit = cells / np.linalg.norm(cells, axis=1, keepdims=True)
    steps = [(unit[t] @ unit[t - 1] + unit[t] @ unit[0]) / 2 for t in range(1, 9)]
    assert scored(name, frames).value == pytest.approx(np.mean(steps), abs=1e-6)


@both
def test_one_frame_is_too_short(name: str) -> None:
    found = scored(name, np.zeros((1, 32, 48, 3), np.uint8))
    assert (found.status, found.code) == ("not_applicable", "too_short")
