"""VBench-Long's background consistency fuses what is within clips with what is between them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Extractor, Features
from lvbench.metrics import vbench_long_background_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.vbench.vbench_long_background_consistency import (
    VbenchLongBackgroundConsistency,
)
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

NEEDS = VbenchLongBackgroundConsistency.info.needs


def judged(frames: NDArray[np.uint8]) -> ItemScore:
    tools: dict[str, Extractor] = {name: tool(name) for name in NEEDS}
    return vbench_long_background_consistency(frames, 8.0, extractors=tools)


def test_another_picture_in_every_clip_is_seen_between_the_clips_alone() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 2, (4, 4, 4, 3)).astype(np.uint8) * 255
    frames = np.repeat(pictures.repeat(8, axis=1).repeat(8, axis=2), 16, axis=0)
    found = judged(frames)
    assert found.components["within_clips"] == pytest.approx(1.0)
    assert found.components["between_clips"] < 0.8
    assert found.value == pytest.approx((1.0 + found.components["mapped"]) / 2)
    assert found.series["between_clips"].t == [2.0, 4.0, 6.0]


def test_the_table_maps_what_is_between_clips_linearly() -> None:
    metric = VbenchLongBackgroundConsistency()
    state = metric.new_state(VideoContext(fps=2.0))
    turned = np.repeat([[1.0, 0.0], [0.6, 0.8]], 4, axis=0)
    for name in dict.fromkeys(NEEDS[:-1]):
        metric.update(state, {name: Features(np.arange(8) / 2, {"image": turned})})
    table = np.array([[[0.0, 0.0], [0.5, 0.9], [0.7, 0.95], [1.0, 1.0]]])
    metric.update(state, {NEEDS[-1]: Features(np.zeros(1), {"map": table})})
    found = metric.item(state)
    assert found.components["between_clips"] == pytest.approx(0.6)
    assert found.components["mapped"] == pytest.approx(0.925)
    assert found.value == pytest.approx((1.0 + 0.925) / 2)


def test_a_single_clip_is_too_short() -> None:
    found = judged(np.zeros((16, 32, 32, 3), np.uint8))
    assert (found.status, found.code) == ("not_applicable", "too_short")
