from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lvbench.features.embeddings.convolutional import MobileNet
from lvbench.features.embeddings.local import (
    centres_of,
    colours,
    compressed,
    described,
    grid_of,
    hues,
    local_maps,
    region_vector,
)

Image = NDArray[np.uint8]


class Steps(MobileNet):
    """An encoder whose inner maps are the pixels, and their horizontal steps on a coarser grid."""

    network: Any = None

    def local(self, network: Any, pixels: Any) -> list[Any]:
        fine = torch.nn.functional.avg_pool2d(pixels, 8)
        return [fine, torch.nn.functional.avg_pool2d(fine, 2)]


def picture(seed: int = 0) -> Image:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (1, 36, 64, 3), dtype=np.uint8).repeat(3, axis=1).repeat(3, axis=2)


@pytest.mark.parametrize(
    ("size", "cell", "grid"),
    [((180, 320), 8, (32, 56)), ((320, 180), 8, (56, 32)), ((288, 512), 14, (18, 32)),
     ((20, 640), 8, (8, 56))],
)  # fmt: skip
def test_the_grid_follows_the_picture(
    size: tuple[int, int], cell: int, grid: tuple[int, int]
) -> None:
    assert grid_of(*size, cell) == grid


def test_exposure_is_a_constant_and_colours_are_left_out() -> None:
    grey = np.full((1, 8, 8, 3), 100, np.uint8)
    step = compressed(grey * 2)[0] - compressed(grey)[0]
    assert step.max() - step.min() < 1e-6
    dark, bright = compressed(np.array([[[[0] * 3, [255] * 3]]], np.uint8))[0, 0]
    assert (dark, bright) == pytest.approx((-3.23, 1.43), abs=0.02)


def test_maps_come_on_one_grid_and_describe_a_place_by_what_sets_it_apart() -> None:
    maps = local_maps(Steps(), picture())
    assert [found.shape for found in maps] == [(1, 32, 56, 3)] * 2
    found = described(maps, centres_of(maps))
    assert found.shape == (1, 32, 56, 6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-4)


def test_a_hue_ignores_exposure_and_saturation() -> None:
    red = np.full((1, 8, 8, 3), (160, 60, 60), np.uint8)
    pale = np.full((1, 8, 8, 3), (130, 80, 80), np.uint8)
    np.testing.assert_allclose(hues(colours(red, 2, 2)), hues(colours(red // 2, 2, 2)), atol=0.02)
    np.testing.assert_allclose(hues(colours(red, 2, 2)), hues(colours(pale, 2, 2)), atol=0.05)
    blue = hues(colours(red[..., ::-1], 2, 2))
    assert np.linalg.norm(hues(colours(red, 2, 2)) - blue, axis=-1).min() > 1
    assert np.abs(hues(np.full((1, 8, 8, 3), 90, np.float32))).max() < 1e-6


def test_a_vector_of_a_region_tells_upper_from_lower() -> None:
    local, hue = np.zeros((8, 8, 2), np.float32), np.zeros((8, 8, 2), np.float32)
    local[:4, :, 0] = local[4:, :, 1] = 1
    region = np.zeros((8, 8), np.float32)
    region[2:6, 3:5] = 1
    right, turned = (region_vector(x, hue, region) for x in (local, local[::-1]))
    assert np.linalg.norm(right) == pytest.approx(1)
    assert right @ turned == pytest.approx(0, abs=1e-6)
    assert not region_vector(local, hue, np.zeros_like(region)).any()
