"""Lightness, clipping and contrast of pictures whose values are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.signal.statistics import LabStatistics, LumaStatistics, RgbDifference
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


def test_contrast_is_the_variance() -> None:
    assert measure(noise())["contrast"] == pytest.approx(noise().var(), rel=1e-9)


def test_a_flat_picture_has_no_contrast() -> None:
    assert measure(np.full((8, 8), 77, np.uint8))["contrast"] == pytest.approx(0, abs=1e-9)


def test_one_value_per_frame_in_float64_and_frames_do_not_mix() -> None:
    stack = np.stack([noise(i) for i in range(5)])
    together = LumaStatistics()(Frames(np.arange(5.0), stack))
    for name, values in together.items():
        assert values.dtype == np.float64
        assert values.tolist() == [measure(noise(i))[name] for i in range(5)]


def test_the_margin_is_part_of_the_identity() -> None:
    assert LumaStatistics(margin=3).spec.identity() != LumaStatistics().spec.identity()


def colour_of(*colours: tuple[int, int, int]) -> dict[str, float]:
    """Return the statistics of one frame with a band of each colour."""
    rgb = np.repeat(np.array(colours, np.uint8), 8, axis=0)[None, :, None].repeat(16, axis=2)
    frames = Frames(np.zeros(1), small=np.ascontiguousarray(rgb))
    return {name: float(v[0]) for name, v in LabStatistics()(frames).items()}


@pytest.mark.parametrize(
    ("rgb", "lab"),
    # The usual published values of the sRGB primaries (D65).
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((128, 128, 128), (53.585, 0.0, 0.0)),
    ],
)
def test_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    found = colour_of(rgb)
    assert (found["mean_L"], found["mean_a"], found["mean_b"]) == pytest.approx(lab, abs=0.05)
    assert found["chroma"] == pytest.approx(np.hypot(*lab[1:]), abs=0.05)


def test_chroma_is_the_mean_of_lengths_not_the_length_of_the_mean() -> None:
    red, green = colour_of((255, 0, 0)), colour_of((0, 255, 0))
    both = colour_of((255, 0, 0), (0, 255, 0))
    assert both["chroma"] == pytest.approx((red["chroma"] + green["chroma"]) / 2, abs=1e-3)
    assert both["mean_a"] == pytest.approx((red["mean_a"] + green["mean_a"]) / 2, abs=1e-3)
    assert abs(both["mean_a"]) < 10 < both["chroma"]


def test_values_are_float64_one_a_frame() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 9, 16, 3), dtype=np.uint8)
    found = LabStatistics()(Frames(np.arange(3.0), small=frames))
    assert {(v.dtype, v.shape) for v in found.values()} == {(np.dtype(np.float64), (3,))}


def test_the_size_is_part_of_the_identity() -> None:
    small, usual = LabStatistics(size=128).spec, LabStatistics().spec
    assert small.identity() != usual.identity()
    assert small.products.small == 128
    assert small.preprocessing != usual.preprocessing


@pytest.mark.parametrize("size", [(12, 20), (145, 251)])
def test_where_a_picture_lies_in_memory_moves_no_bit(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (1, *size, 3), dtype=np.uint8)
    found, held = set(), []
    for taken in rng.integers(1, 200_000, 100):
        held.append(np.empty(taken, np.uint8))
        found.add(LabStatistics()(Frames(np.zeros(1), small=rgb.copy()))["chroma"].tobytes())
    assert len(found) == 1


def test_mean_absolute_difference_of_every_pair() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (5, 7, 9, 3), dtype=np.uint8)
    found = RgbDifference()(Frames(np.arange(5.0), rgb=rgb))["mean_absolute"]
    expected = np.abs(np.diff(rgb.astype(np.float64), axis=0)).mean((1, 2, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_black_to_white_is_255() -> None:
    rgb = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])
    assert RgbDifference()(Frames(np.arange(2.0), rgb=rgb))["mean_absolute"] == [255.0]
