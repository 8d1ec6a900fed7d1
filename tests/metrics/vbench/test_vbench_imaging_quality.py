from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.vbench.vbench_imaging_quality import VbenchImagingQuality
from lvbench.results.schema import ItemScore


def scored(ratings: list[float]) -> ItemScore:
    metric = VbenchImagingQuality()
    state = metric.new_state(VideoContext())
    for start in range(0, len(ratings), 4):
        part = np.asarray(ratings[start : start + 4])
        t = (start + np.arange(len(part))) / 2.0
        metric.update(state, {"musiq": Features(t, {"rating": part})})
    return metric.item(state)


def test_the_mean_over_a_hundred() -> None:
    score = scored([50.0, 60.0, 70.0])
    assert score.value == pytest.approx(0.6)
    assert score.series["score"].y == pytest.approx([0.5, 0.6, 0.7])
    assert score.components == {}


def test_a_decline_shows_as_drift() -> None:
    score = scored(list(np.linspace(80, 40, 40)))
    assert score.components["end_level"] < -0.2
    assert score.components["slope_per_minute"] < 0


@pytest.mark.parametrize("count", [0, 1])
def test_too_short(count: int) -> None:
    assert scored([50.0] * count).code == "too_short"
