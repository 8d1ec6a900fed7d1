from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.registry import load
from lvbench.metrics.drift.image_quality import ImageQuality
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool
from tests.seeded import read_bgr

Clip = NDArray[np.uint8]


def scored(clip: Clip, fps: float = 2.0, extractor: Any = None) -> ItemScore:
    extractor = extractor or tool("image_quality")
    return score_array(ImageQuality(), clip, fps=fps, extractors={"image_quality": extractor})


def noisy(levels: list[float]) -> Clip:
    rng = np.random.default_rng(0)
    frames = [128 + level * rng.standard_normal((64, 64, 1)) for level in levels]
    return np.repeat(np.clip(frames, 0, 255).astype(np.uint8), 3, axis=-1)


def test_the_mean_over_frames_with_both_series() -> None:
    score = scored(noisy([10.0] * 6))
    assert score.value == pytest.approx(np.mean(score.series["niqe"].y))
    assert score.components == {"brisque": pytest.approx(10 * (score.value or 0.0))}
    assert len(score.series["brisque"].t) == 6


def test_a_decline_is_a_rise_and_shows_as_drift() -> None:
    score = scored(noisy(list(np.linspace(5, 15, 24))))
    assert score.components["end_level"] > 0.5
    assert score.components["slope_per_minute"] > 0
    assert ImageQuality.info.components["end_level"].higher_is_better is False


def test_frames_without_texture_are_left_out() -> None:
    clip = noisy([10.0] * 6)
    clip[2] = 0
    score = scored(clip)
    assert len(score.series["niqe"].t) == 5
    assert scored(np.zeros_like(clip)).code == "no_texture"
    assert scored(clip[:1]).code == "too_short"


@pytest.mark.assets
def test_small_pictures_have_no_niqe(assets: Path) -> None:
    extractor = load("image_quality", weights=assets / "assets")
    assert scored(noisy([10.0] * 4), extractor=extractor).code == "too_small"


@pytest.mark.assets
def test_a_photograph_that_blurs_over_time(assets: Path) -> None:
    picture = read_bgr(assets / "assets" / "images" / "chelsea.png")
    assert picture is not None
    blurred = [cv2.GaussianBlur(picture, (0, 0), 0.5 + 0.2 * i) for i in range(8)]
    extractor = load("image_quality", weights=assets / "assets")

    def of(second_half: list[Any]) -> dict[str, float]:
        clip = np.stack([picture] * 8 + second_half).astype(np.uint8)
        return dict(scored(clip, extractor=extractor).components)

    ramp, step = of(blurred), of([blurred[-1]] * 8)
    assert min(ramp["end_level"], step["end_level"]) > 1.0
    # A ramp has no time at which it breaks.
    assert ramp["steady"] == 1.0
    assert step["onset"] == pytest.approx(4.0, abs=1.0)
