"""VBench's formula on vectors whose cosines are known."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.vbench_consistency import FrameSequence, step_score

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
