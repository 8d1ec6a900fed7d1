from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import camera_motion, motion_magnitude
from lvbench.metrics.motion.camera_motion import CameraMotion
from tests.features.flow.test_dis import panning
from tests.features.flow.test_motion_layers import DIAGONAL, FPS, seen
from tests.metrics.motion.test_fie import excerpt


def clip(count: int, **parts: float) -> NDArray[np.uint8]:
    gray = np.stack([seen(i - count // 2, **parts) for i in range(count)])
    return np.repeat(gray[..., None], 3, axis=-1)


def test_a_pan_gives_its_speed_over_time() -> None:
    score = camera_motion(clip(31, right=4.0), FPS)
    assert score.value == pytest.approx(4.0 * FPS / DIAGONAL, rel=0.05)
    assert score.components["standing"] == 0.0
    assert score.components["measured"] == 1.0
    assert np.mean(score.series["right"].y) == pytest.approx(score.value, rel=0.01)
    assert CameraMotion.info.headline.higher_is_better is None
    assert CameraMotion.info.gates == ()


def test_zoom_and_rotation_count_either_way() -> None:
    for sign in (1, -1):
        score = camera_motion(clip(15, zoom=0.02 * sign), FPS)
        assert score.components["zoom"] == pytest.approx(0.2, rel=0.1)
        assert np.mean(score.series["zoom"].y) == pytest.approx(0.2 * sign, rel=0.1)
        score = camera_motion(clip(15, turn=1.0 * sign), FPS)
        assert score.components["rotation"] == pytest.approx(10.0, rel=0.1)


def test_moments_across_a_cut_do_not_count() -> None:
    frames = np.concatenate([clip(16), 255 - clip(15, zoom=0.01)[::-1]])
    parted = camera_motion(frames, FPS, cuts=[1.6])
    assert parted.status == "ok"
    assert parted.components["measured"] < 1.0


def test_noise_cannot_be_followed() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 64, 96, 3), np.uint8)
    score = camera_motion(noise, FPS)
    assert (score.status, score.code) == ("not_applicable", "untrackable")


@pytest.mark.parametrize("count", [1, 2])
def test_too_short(count: int) -> None:
    frames = np.repeat(panning(count, 48, 64, 1)[..., None], 3, axis=-1)
    score = camera_motion(frames, FPS)
    assert (score.status, score.code) == ("not_applicable", "too_short")


@pytest.mark.assets
@pytest.mark.parametrize("name", ["intel_car-detection", "intel_one-by-one-person-detection"])
def test_a_standing_camera_stands_while_others_move(name: str, videos: Path) -> None:
    frames, fps = excerpt(videos / f"{name}.mp4", 40, 60)
    score = camera_motion(frames, fps)
    assert score.value == pytest.approx(0.0, abs=1e-3)
    assert score.components["standing"] > 0.95
    assert (motion_magnitude(frames, fps).value or 0.0) > 0.01


@pytest.mark.assets
def test_a_camera_that_moves_is_seen_to(videos: Path) -> None:
    frames, fps = excerpt(videos / "worldmark_m2_good.mp4", 0, 60)
    score = camera_motion(frames, fps)
    assert (score.value or 0.0) > 0.05
    assert score.components["standing"] == 0.0
