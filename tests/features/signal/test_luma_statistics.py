"""Lightness, clipping, detail and contrast of pictures whose values are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d

from lvbench.features.signal.luma_statistics import LumaStatistics
from lvbench.video.frames import Frames


def measure(luma: NDArray[np.uint8], **parameters: int) -> dict[str, float]:
    frames = Frames(np.arange(1.0), luma[None])
    return {name: float(v[0]) for name, v in LumaStatistics(**parameters)(frames).items()}


def noise(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (48, 64), dtype=np.uint8)


@pytest.mark.parametrize(
    ("level", "lightness"),
    # CIE 15:2004 L* of sRGB greys, as colour calculators give it.
    [(0, 0.0), (255, 100.0), (128, 53.585), (119, 50.034), (10, 2.741), (200, 80.604)],
)
def test_lightness_of_greys(level: int, lightness: float) -> None:
    flat = np.full((8, 8), level, np.uint8)
    assert measure(flat)["lightness"] == pytest.approx(lightness, abs=2e-3)


def test_lightness_is_the_mean_over_pixels_not_of_the_mean_level() -> None:
    half = np.zeros((8, 8), np.uint8)
    half[:4] = 255
    assert measure(half)["lightness"] == pytest.approx(50.0)


@pytest.mark.parametrize(("margin", "low", "high"), [(0, 1, 1), (2, 3, 3), (5, 6, 6)])
def test_clipping_counts_levels_within_the_margin(margin: int, low: int, high: int) -> None:
    every_level = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = measure(every_level, margin=margin)
    assert found["clipped_low"] == pytest.approx(low / 256)
    assert found["clipped_high"] == pytest.approx(high / 256)


def test_detail_is_the_mean_square_of_the_laplacian() -> None:
    picture = noise()
    kernel = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    padded = np.pad(picture.astype(np.int64), 1, mode="reflect")
    expected = (convolve2d(padded, kernel, mode="valid") ** 2).mean()
    assert measure(picture)["detail"] == pytest.approx(expected, rel=1e-12)


def test_contrast_is_the_variance() -> None:
    assert measure(noise())["contrast"] == pytest.approx(noise().var(), rel=1e-9)


def test_a_flat_picture_has_neither_detail_nor_contrast() -> None:
    found = measure(np.full((8, 8), 77, np.uint8))
    assert found["detail"] == 0
    assert found["contrast"] == pytest.approx(0, abs=1e-9)


def test_one_value_per_frame_in_float64_and_frames_do_not_mix() -> None:
    stack = np.stack([noise(i) for i in range(5)])
    together = LumaStatistics()(Frames(np.arange(5.0), stack))
    for name, values in together.items():
        assert values.dtype == np.float64
        assert values.tolist() == [measure(noise(i))[name] for i in range(5)]


def test_the_margin_is_part_of_the_identity() -> None:
    assert LumaStatistics(margin=3).spec.identity() != LumaStatistics().spec.identity()
