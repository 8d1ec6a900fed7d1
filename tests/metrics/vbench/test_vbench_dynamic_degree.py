from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.vbench.vbench_dynamic_degree import VbenchDynamicDegree
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord


def scored(top: list[float], side: int = 512) -> ItemScore:
    metric = VbenchDynamicDegree()
    state = metric.new_state(VideoContext(segment_seconds=0.5))
    for start in range(0, max(1, len(top)), 3):
        part = np.asarray(top[start : start + 3])
        t = (1 + start + np.arange(len(part))) / 8
        arrays = {"top": part, "shorter_side": np.full(len(part), side)}
        metric.update(state, {"vbench_flow": Features(t, arrays)})
    return metric.item(state)


@pytest.mark.parametrize(
    ("frames", "fast", "expected"),
    [
        *[(16, 4, 1.0), (16, 3, 0.0), (17, 4, 1.0), (10, 2, 1.0), (10, 1, 0.0), (14, 4, 1.0)],
        *[(14, 3, 0.0), (6, 2, 1.0), (6, 1, 0.0), (3, 1, 1.0), (3, 0, 0.0), (2, 0, 1.0)],
    ],
)
def test_a_quarter_of_the_frames_decides(frames: int, fast: int, expected: float) -> None:
    """The count needed is round(n / 4) of n frames, half to even: 10 need 2, 14 need 4."""
    score = scored([12.01] * fast + [12.0] * (frames - 1 - fast))
    assert score.value == expected
    assert score.components["fast_pairs"] == pytest.approx(fast / (frames - 1))


def test_the_threshold_grows_with_the_shorter_side() -> None:
    assert scored([6.5] * 15, side=256).value == 1.0
    assert scored([6.5] * 15, side=288).value == 0.0
    assert scored([9.0] * 15, side=256).series["flow"].y[0] == pytest.approx(1.5)


def test_no_pair_is_too_short() -> None:
    score = scored([])
    assert (score.status, score.code) == ("not_applicable", "too_short")


def test_over_videos_it_is_the_share_that_moves() -> None:
    records = [
        ItemRecord(
            identity="x",
            video=VideoRecord(id=str(i), path=str(i), cluster=str(i)),
            metrics={"vbench_dynamic_degree": scored([20.0 if i < 3 else 1.0] * 15)},
        )
        for i in range(4)
    ]
    scores = VbenchDynamicDegree().aggregate(records, resamples=50, seed=0)
    assert scores["vbench_dynamic_degree"].value == pytest.approx(0.75)
