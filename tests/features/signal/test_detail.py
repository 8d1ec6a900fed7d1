"""Edges and noise of pictures whose values are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.signal import detail
from lvbench.features.signal.detail import DetailStatistics
from lvbench.video.frames import Frames

Picture = NDArray[np.uint8]


def measure(luma: Picture) -> dict[str, float]:
    frames = Frames(np.arange(1.0), luma[None])
    found = DetailStatistics()(frames)
    return {name: float(v[0]) for name, v in found.items()}


def boxes(low: int = 60, high: int = 180) -> Picture:
    picture = np.full((96, 128), low, np.uint8)
    picture[20:50, 70:110] = picture[60:90, 30:60] = high
    return picture


def noisy(picture: Picture, deviation: float, seed: int = 0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("deviation", [3.0, 8.0, 20.0])
def test_noise_is_its_deviation(deviation: float) -> None:
    found = measure(noisy(boxes(), deviation))["noise"]
    assert found == pytest.approx(deviation, rel=0.05)


def test_noise_adds_nothing_to_edges() -> None:
    clean = measure(boxes())
    averaged = [measure(noisy(boxes(), 8.0, seed)) for seed in range(8)]
    for name in ("edges_fine", "edges_coarse"):
        assert np.mean([a[name] for a in averaged]) == pytest.approx(clean[name], rel=0.03)


def test_texture_next_to_flat_areas_is_not_noise() -> None:
    picture = noisy(boxes(), 30.0)
    picture[:20] = picture[90:] = 100
    assert measure(picture)["noise"] < 0.1


def test_blur_takes_fine_edges_before_coarse_ones() -> None:
    sharp, blurred = measure(boxes()), measure(cv2.GaussianBlur(boxes(), (0, 0), 1.5))
    assert blurred["edges_fine"] < 0.35 * sharp["edges_fine"]
    assert blurred["edges_coarse"] > 0.6 * sharp["edges_coarse"]


def test_half_the_contrast_is_a_quarter_of_the_energy() -> None:
    full, half = measure(boxes(60, 180)), measure(boxes(90, 150))
    for name in ("edges_fine", "edges_coarse"):
        assert half[name] == pytest.approx(full[name] / 4)


@pytest.mark.parametrize("shape", [(8, 8), (5, 31), (90, 161)])
def test_a_flat_picture_of_any_size_has_neither_edges_nor_noise(shape: tuple[int, int]) -> None:
    picture = np.full(shape, 77, np.uint8)
    nothing = {"edges_fine": 0, "edges_coarse": 0, "noise": 0}
    assert measure(picture) == pytest.approx(nothing, abs=1e-4)


def test_bands_of_a_large_picture_read_as_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texture = np.random.default_rng(0).normal(0, 120, (480, 640)).astype(np.float32)
    smooth = 128 + cv2.GaussianBlur(texture, (0, 0), 2.0)
    picture = noisy(np.clip(smooth, 0, 255).astype(np.uint8), 4.0)
    in_bands = measure(picture)
    monkeypatch.setattr(detail, "_ENOUGH", picture.size)
    whole = measure(picture)
    assert in_bands != whole
    # A fifth of the rows: the texture differs from band to band.
    assert in_bands == pytest.approx(whole, rel=0.1)
