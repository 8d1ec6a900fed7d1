from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.flow.camera import PlaneMotion, choose_camera, fit_camera, no_motion, smoothed
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.video.frames import Frames

SIZE = (90, 160)
EVERYWHERE = np.ones(SIZE, np.bool_)


def motion(**parts: float) -> PlaneMotion:
    names = ("right", "bx", "by", "down", "ex", "ey", "square_x", "square_y")
    return PlaneMotion(np.array([parts.get(name, 0.0) for name in names]), SIZE)


@pytest.mark.parametrize(
    "planted",
    [
        motion(right=4.0, down=-2.0),
        motion(bx=3.0, ey=3.0),
        motion(right=1.0, by=-2.0, ex=2.0),
        motion(right=-3.0, square_x=2.0, square_y=-1.0),
    ],
)
def test_a_plane_is_found_under_noise_and_a_subject(planted: PlaneMotion) -> None:
    flow = planted.flow()
    flow += np.random.default_rng(0).normal(0, 0.1, flow.shape).astype(np.float32)
    flow[10:60, 20:90] += (6.0, 3.0)
    found = fit_camera(flow, EVERYWHERE)
    assert np.abs(found.flow() - planted.flow()).max() < 0.3


def test_what_cannot_be_trusted_does_not_count() -> None:
    flow = motion(right=2.0).flow()
    flow[:70] = (9.0, 9.0)
    usable = EVERYWHERE.copy()
    usable[:70] = False
    found = fit_camera(flow, usable)
    assert found.translation == pytest.approx((2.0 / 160, 0.0), abs=1e-3)


def test_translation_zoom_and_rotation_have_units_and_signs() -> None:
    half = float(np.hypot(*SIZE)) / 2
    grown = motion(bx=0.1 * half, ey=0.1 * half)
    assert grown.zoom == pytest.approx(np.log(1.1))
    assert grown.rotation == 0.0
    turned = motion(by=-0.1 * half, ex=0.1 * half)
    assert turned.rotation == pytest.approx(np.arctan(0.1))
    assert motion(right=16.0, down=9.0).translation == (0.1, 0.1)


def test_too_few_points_and_no_motion_stand() -> None:
    assert fit_camera(motion(right=5.0).flow(), ~EVERYWHERE).is_still
    assert no_motion(*SIZE).is_still
    assert not motion(right=1e-3).is_still


def _flow(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> PlaneMotion:
    found = DenseInverseSearchFlow()(Frames(np.arange(2.0), luma=np.stack([first, second])))
    return choose_camera(
        smoothed(first), smoothed(second), found["forward"][0], found["consistent"][0]
    )


def _texture(seed: int, height: int, width: int, contrast: float) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).standard_normal((height, width))
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip(100 + contrast * smooth / smooth.std(), 0, 255).astype(np.uint8)


def test_a_standing_camera_over_a_flat_road_does_not_follow_the_traffic() -> None:
    road, car = _texture(0, 144, 256, 0.7), _texture(1, 60, 60, 40.0)
    first, second = road.copy(), road.copy()
    first[40:100, 100:160], second[40:100, 108:168] = car, car
    assert _flow(first, second).is_still
    assert _flow(first, np.clip(second.astype(int) + 5, 0, 255).astype(np.uint8)).is_still


def test_a_slow_pan_over_a_textured_scene_is_no_standing_camera() -> None:
    wide = _texture(0, 144, 300, 25.0)
    found = _flow(wide[:, 20:276], wide[:, 18:274])
    assert found.translation == pytest.approx((2 / 256, 0.0), abs=5e-4)
