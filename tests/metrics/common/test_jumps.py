from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.jumps import Jumps, standardise, with_neighbours
from lvbench.video.frames import Frames

FPS = 10.0


def _jumps(luma: np.ndarray, block: int, cuts: tuple[float, ...] = ()) -> Jumps:
    jumps = Jumps(VideoContext(cuts=cuts))
    times = np.arange(len(luma)) / FPS
    for start in range(0, len(luma) - 1, block):
        part = slice(start, start + block + 1)
        arrays = DenseInverseSearchFlow()(Frames(times[part], luma=luma[part]))
        jumps.add_flow(Features(times[part][1:], arrays))
    grey = luma.mean((1, 2)) / 2.55
    zero = np.zeros(len(luma))
    jumps.add_colour(Features(times, {"mean_L": grey, "mean_a": zero, "mean_b": zero}))
    return jumps


@pytest.fixture(scope="module")
def pan() -> np.ndarray:
    """Return 12 frames of a steady pan that is displaced by 6 pixels at frame 6."""
    import cv2

    noise = np.random.default_rng(0).normal(0, 1, (96, 400)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    texture = cv2.normalize(smooth, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)
    left = [2 * i + (6 if i >= 6 else 0) for i in range(12)]
    return np.stack([texture[:, x : x + 160] for x in left])


def test_a_displacement_off_the_motion_shows_at_its_pair_alone(pan: np.ndarray) -> None:
    diagonal = float(np.hypot(96, 160))
    down = pan.copy()
    down[6:] = np.roll(down[6:], 5, axis=1)
    position = _jumps(down, 16).by_kind()["position"] * diagonal
    # Along the motion, three steps would be lost frames: 8 px are 2 off that.
    assert position[5] == pytest.approx(np.hypot(2, 5), abs=0.5)
    assert np.delete(position, 5).max() < 0.3


def test_a_lost_frame_is_no_jump_of_position(pan: np.ndarray) -> None:
    even = np.stack([*pan[:3], *pan[4:6]])
    assert _jumps(even, 16).by_kind()["position"].max() * np.hypot(96, 160) < 0.3


def test_a_flash_is_no_jump_of_colour(pan: np.ndarray) -> None:
    lit = pan.copy()
    lit[5:7] += 20
    assert _jumps(lit, 16).by_kind()["colour"].max() < 0.5


def test_flicker_is_no_jump_of_colour(pan: np.ndarray) -> None:
    gain = np.random.default_rng(0).normal(1, 0.03, (60, 1, 1))
    lit = np.clip(np.tile(pan[:6], (10, 1, 1)) * gain, 0, 255).astype(np.uint8)
    assert _jumps(lit, 16).by_kind()["colour"].max() < 0.5


def test_what_flow_explains_is_no_jump_of_pixels(pan: np.ndarray) -> None:
    plain = np.abs(np.diff(pan.astype(float), axis=0)).mean((1, 2))
    assert (_jumps(pan, 16).by_kind()["pixel"] < 0.4 * plain).all()
    assert not _jumps(pan, 16).untrackable(0.5)


def test_a_step_of_brightness_shows_in_pixels_and_colour(pan: np.ndarray) -> None:
    brighter = pan.copy()
    brighter[9:] += 10
    assert brighter.max() > pan.max()
    before, after = _jumps(pan, 16).by_kind(), _jumps(brighter, 16).by_kind()
    assert after["pixel"][8] > before["pixel"][8] + 5
    assert after["colour"][8] > before["colour"][8] + 3


def test_blocks_move_no_number(pan: np.ndarray) -> None:
    whole, parts = _jumps(pan, 16).by_kind(), _jumps(pan, 3).by_kind()
    for name, values in whole.items():
        np.testing.assert_array_equal(values, parts[name])


def test_times_name_the_pair_that_crosses_them(pan: np.ndarray) -> None:
    jumps = _jumps(pan, 16, cuts=(0.3,))
    found = jumps.pairs_at([-1.0, 0.0, 0.1, 0.25, 0.5004, 1.1, 1.2])
    assert np.flatnonzero(found).tolist() == [0, 2, 4, 10]
    assert np.flatnonzero(jumps.cuts(0.5)).tolist() == [1, 2, 3]


def test_standardise_has_a_floor() -> None:
    assert standardise(np.array([0.0, 0.0, 0.0, 3.0]), 0.5).tolist() == [0, 0, 0, 6]


def test_neighbours_stay_inside() -> None:
    assert with_neighbours(np.array([True, False, False, True])).tolist() == [True] * 4
