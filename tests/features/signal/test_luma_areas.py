"""The light of areas of pictures whose values are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.signal.luma_areas import LumaAreas
from lvbench.video.frames import Frames


def areas(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    return LumaAreas()(Frames(np.arange(1.0), luma[None]))["areas"][0]


def test_areas_are_shares_of_the_picture() -> None:
    small = np.random.default_rng(0).integers(0, 256, (9, 16)).astype(np.uint8)
    for pixels in (8, 16, 24):
        picture = np.repeat(np.repeat(small, pixels, 0), pixels, 1)
        assert areas(picture).reshape(9, 16) == pytest.approx(small)


def test_an_area_is_eight_pixels_long_or_longer() -> None:
    picture = np.zeros((16, 24), np.uint8)
    picture[:8, 8:16] = 64
    picture[8:, 16:] = 200
    assert areas(picture).tolist() == [0, 64, 0, 0, 0, 200]


@pytest.mark.parametrize("shape", [(8, 8), (5, 31), (90, 161)])
def test_a_flat_picture_of_any_size_has_its_level_everywhere(shape: tuple[int, int]) -> None:
    assert areas(np.full(shape, 77, np.uint8)) == pytest.approx(77)
