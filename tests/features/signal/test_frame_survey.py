"""The hash knows a picture again after scaling and noise, and tells two pictures apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.signal import convolve2d

from lvbench.features.signal.frame_survey import FrameSurvey, detail_of, picture_hash
from lvbench.video.frames import Frames
from lvbench.world.clip import render_clip


def picture(seed: int) -> np.ndarray:
    (first, *_) = render_clip(1.0, 8.0, 192, 128, seed)
    return np.asarray(cv2.cvtColor(first[0], cv2.COLOR_RGB2GRAY), np.uint8)


def apart(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.unpackbits(a ^ b).sum())


@pytest.mark.parametrize("seed", range(4))
def test_scaling_noise_and_brightness_move_few_bits(seed: int) -> None:
    whole = picture(seed)
    small = cv2.resize(whole, (80, 60), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 6, small.shape)
    changed = np.clip(0.9 * small + noise + 8, 0, 255).astype(np.uint8)
    assert apart(picture_hash(whole), picture_hash(changed)) <= 6


def test_other_pictures_are_far_away() -> None:
    hashes = [picture_hash(np.random.default_rng(i).integers(0, 256, (9, 16), np.uint8))
              for i in range(8)]  # fmt: skip
    distances = [apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > 16
    assert np.mean(distances) == pytest.approx(32, abs=3)


def test_a_flat_picture_has_no_hash() -> None:
    assert not picture_hash(np.full((40, 60), 90, np.uint8)).any()


def test_borders_are_shares_and_a_black_frame_is_all_border() -> None:
    luma = np.zeros((2, 100, 200), np.uint8)
    luma[0, 10:80, 20:190] = 200
    found = FrameSurvey()(Frames(np.arange(2.0), luma=luma))
    assert found["borders"].tolist() == [[0.1, 0.2, 0.1, 0.05], [1, 1, 1, 1]]
    assert found["hash"].shape == (2, 8)
    assert found["hash"].dtype == np.uint8


def test_a_blurred_picture_is_less_sharp_and_a_dark_one_darker() -> None:
    sharp = picture(0)
    others = [sharp, cv2.GaussianBlur(sharp, (0, 0), 2), sharp // 4]
    found = FrameSurvey()(Frames(np.arange(3.0), luma=np.stack(others)))["picture"]
    assert found[1, 2] < found[0, 2] - 3
    assert found[2, 0] < found[0, 0] / 2


def test_detail_is_the_mean_square_of_the_laplacian() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8)
    kernel = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    padded = np.pad(noise.astype(np.int64), 1, mode="reflect")
    expected = (convolve2d(padded, kernel, mode="valid") ** 2).mean()
    assert detail_of(noise) == pytest.approx(expected, rel=1e-12)
    assert detail_of(np.full((8, 8), 77, np.uint8)) == 0
