from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.metrics import subject_motion
from lvbench.metrics.motion.subject_motion import SubjectMotion
from tests.features.flow.test_motion_layers import DIAGONAL, FPS, HEIGHT, WIDTH
from tests.metrics.motion.test_camera_motion import clip
from tests.metrics.motion.test_fie import excerpt


def test_a_square_moves_by_area_times_speed() -> None:
    score = subject_motion(clip(12, square=4.0), FPS)
    speed = 4.0 * FPS / DIAGONAL
    assert score.components["speed"] == pytest.approx(speed, rel=0.3)  # See test_motion_layers.
    assert score.components["area"] == pytest.approx(1600 / (HEIGHT * WIDTH), rel=0.4)
    product = score.components["area"] * score.components["speed"]
    assert score.value == pytest.approx(product)
    assert score.components["moving"] == score.components["measured"] == 1.0


@pytest.mark.parametrize("parts", [{}, {"right": 4.0}, {"zoom": 0.01}, {"turn": 1.0}])
def test_a_camera_alone_moves_no_subject(parts: dict[str, float]) -> None:
    score = subject_motion(clip(15, **parts), FPS)
    assert score.value == pytest.approx(0.0, abs=1e-4)
    assert "speed" not in score.components or score.components["area"] < 0.01


def test_it_has_no_good_direction() -> None:
    assert SubjectMotion.info.headline.higher_is_better is None
    assert SubjectMotion.info.gates == ()


def test_noise_tells_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 64, 96, 3), np.uint8)
    assert subject_motion(noise, FPS).code == "untrackable"


@pytest.mark.assets
@pytest.mark.parametrize("name", ["intel_car-detection", "intel_one-by-one-person-detection"])
def test_who_passes_a_standing_camera_is_seen(name: str, videos: Path) -> None:
    frames, fps = excerpt(videos / f"{name}.mp4", 40, 120)
    score = subject_motion(frames, fps)
    assert (score.value or 0.0) > 0.001
    assert score.components["moving"] > 0.2


@pytest.mark.assets
def test_a_camera_over_still_life_moves_no_subject(videos: Path) -> None:
    frames, fps = excerpt(videos / "worldmark_m2_good.mp4", 0, 60)
    assert subject_motion(frames, fps).value == pytest.approx(0.0, abs=1e-3)
