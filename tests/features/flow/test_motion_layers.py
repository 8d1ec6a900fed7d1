from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, Features
from lvbench.features.flow.motion_layers import MotionLayers
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames
from tests.features.flow.test_dis import texture

HEIGHT, WIDTH, FPS = 120, 200, 10.0
DIAGONAL = float(np.hypot(HEIGHT, WIDTH))
WALL = texture(3 * HEIGHT, 3 * WIDTH, 3.0)


def seen(
    i: int, right: float = 0.0, zoom: float = 0.0, turn: float = 0.0, square: float | None = None
) -> NDArray[np.uint8]:
    """Return frame `i` of a wall whose content moves (pixels), grows (log) and turns (degrees).

    A square in front of it moves right by `square` pixels a frame.
    """
    middle = (1.5 * WIDTH, 1.5 * HEIGHT)
    matrix = cv2.getRotationMatrix2D(middle, -turn * i, float(np.exp(zoom * i)))
    matrix[:, 2] += (WIDTH / 2 - middle[0] + right * i, HEIGHT / 2 - middle[1])
    frame = np.asarray(cv2.warpAffine(WALL, matrix, (WIDTH, HEIGHT)), np.uint8)
    if square is not None:
        x = round(40 + square * i)
        frame[40:80, x : x + 40] = np.clip(texture(40, 40, 1.5) + 60.0, 0, 255)
    return frame


def moment(**parts: float) -> Arrays:
    """Return the arrays of one moment: frames 0, 1 and 2."""
    luma = np.stack([seen(i, **parts) for i in range(3)])
    return MotionLayers()(Frames(np.arange(3) / FPS, luma=luma))


def test_a_pan_has_its_speed_and_direction() -> None:
    found = moment(right=4.0)
    expected = 4.0 * FPS / DIAGONAL
    assert found["speed"][0] == pytest.approx(expected, rel=0.05)
    assert found["right"][0] == pytest.approx(expected, rel=0.05)
    assert abs(found["down"][0]) < 0.02 * expected
    assert abs(found["zoom"][0]) < 0.02
    assert found["moving"][0] == found["subject_speed"][0] == 0.0


def test_zoom_and_rotation_are_told_apart() -> None:
    nearer, turned = moment(zoom=0.02), moment(turn=1.5)
    assert nearer["zoom"][0] == pytest.approx(0.02 * FPS, rel=0.1)
    assert abs(nearer["rotation"][0]) < 1.0
    assert turned["rotation"][0] == pytest.approx(1.5 * FPS, rel=0.1)
    assert abs(turned["zoom"][0]) < 0.02


@pytest.mark.parametrize("pan", [0.0, 2.0])
def test_a_square_is_told_from_the_camera(pan: float) -> None:
    """The square moves by 4 pixels a frame on the screen, whatever the camera does.

    Dense inverse search smooths over the edges of so small a thing: up to 30 % too slow.
    """
    found = moment(right=-pan, square=4.0)
    assert found["separable"][0] == 1.0
    assert found["speed"][0] == pytest.approx(pan * FPS / DIAGONAL, rel=0.05, abs=1e-6)
    assert found["moving"][0] == pytest.approx(1600 / (HEIGHT * WIDTH), rel=0.4)
    assert found["subject_speed"][0] == pytest.approx((4.0 + pan) * FPS / DIAGONAL, rel=0.3)


def test_unrelated_pictures_tell_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, HEIGHT, WIDTH), np.uint8)
    found = MotionLayers()(Frames(np.arange(3) / FPS, luma=noise))
    assert found["followed"][0] == found["separable"][0] == found["moving"][0] == 0.0


def test_moments_are_sampled_in_time_and_bear_the_middle_frames_time() -> None:
    times: list[float] = []

    def consume(_: str, features: Features) -> None:
        times.extend(features.t.tolist())

    stream = FeatureStream({"x": MotionLayers(rate=1.0)}, 20.0, consume)
    luma = np.stack([seen(i, right=0.5) for i in range(60)])
    stream.push(Frames(np.arange(60) / 20.0, luma=luma))
    stream.finish()
    np.testing.assert_allclose(times, [0.1, 1.1, 2.1])


@pytest.mark.parametrize("rate", [0.0, 4.0])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(ConfigError, match="rate="):
        MotionLayers(rate=rate)
