from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import vbench_motion_smoothness, vbench_temporal_flickering
from lvbench.metrics.vbench.vbench_motion_smoothness import VbenchMotionSmoothness
from tests.features.flow.test_dis import panning

Clip = NDArray[np.uint8]


def colour(gray: Clip) -> Clip:
    return np.repeat(gray[..., None], 3, axis=-1)


def scored(clip: Clip, extractor: str = "interpolation_dis") -> Any:
    return vbench_motion_smoothness(clip, 24.0, extractor=extractor)


def test_the_formula_on_a_case_worked_by_hand() -> None:
    """Frames of one level: 10, 40, 30, 200, 50: |40 - 20| and |200 - 40|; the mean is 90."""
    levels = np.array([10, 40, 30, 200, 50], np.uint8)
    clip = np.broadcast_to(levels[:, None, None, None], (5, 16, 16, 3)).astype(np.uint8)
    score = scored(clip, "interpolation_blend")
    assert score.value == pytest.approx((255 - 90) / 255)
    assert scored(clip[:4], "interpolation_blend").value == pytest.approx((255 - 20) / 255)


def test_only_the_published_interpolator_gives_the_published_name() -> None:
    assert VbenchMotionSmoothness().key == "vbench_motion_smoothness"
    other = VbenchMotionSmoothness(extractor="interpolation_dis")
    assert other.key == "vbench_motion_smoothness@interpolation_dis"
    assert other.needs == ("interpolation_dis",)


def test_judder_lowers_it() -> None:
    smooth = colour(panning(13, 96, 160, 4))
    order = [0, 1, 2, 2, 4, 5, 6, 6, 8, 9, 10, 10, 12]
    assert scored(smooth[order]).value < scored(smooth).value - 0.01


def test_stillness_wins_as_published() -> None:
    still = np.repeat(colour(panning(1, 48, 64, 1)), 9, axis=0)
    assert scored(still).value == 1.0 == vbench_temporal_flickering(still, 24.0).value
    assert VbenchMotionSmoothness.info.gates == ("stillness",)


@pytest.mark.parametrize("count", [1, 2])
def test_too_short(count: int) -> None:
    score = scored(colour(panning(count, 48, 64, 1)))
    assert (score.status, score.code) == ("not_applicable", "too_short")
