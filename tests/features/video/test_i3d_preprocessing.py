from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from lvbench.errors import ConfigError
from lvbench.features.video.i3d_preprocessing import preprocess, resize_tf1_legacy

SQUASHING = ["tf1-legacy-224", "half-pixel-224"]
ALL = [*SQUASHING, "shorter-side-centre-224", "antialias-128-then-224"]


def ramp(height: int, width: int) -> np.ndarray:
    """Return a frame whose red rises to the right and green downwards."""
    frame = np.zeros((1, height, width, 3), np.uint8)
    frame[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    frame[..., 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    return frame


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(64, 64), (240, 320), (321, 200)])
def test_the_range_is_minus_one_to_one(name: str, size: tuple[int, int]) -> None:
    frames = np.concatenate([np.zeros((1, *size, 3), np.uint8), np.full((1, *size, 3), 255)])
    black, white = preprocess(frames.astype(np.uint8), name)
    assert black.shape == (224, 224, 3)
    assert black.dtype == np.float32
    assert (black == -1).all()
    # Truncation may take one level from white; see `_through_antialias`.
    level = 2 / 255 + 1e-6 if name.startswith("antialias") else 1e-6
    assert np.abs(white - 1).max() <= level


@pytest.mark.parametrize("name", [*ALL, "given-224"])
def test_224_squared_passes_through(name: str) -> None:
    frames = ramp(224, 224)
    if name.startswith("antialias"):
        name = "antialias-224-then-224"
    difference = preprocess(frames, name) - (frames / 127.5 - 1)
    level = 2 / 255 + 1e-6 if name.startswith("antialias") else 1e-6
    assert np.abs(difference).max() <= level


@pytest.mark.parametrize("name", SQUASHING)
def test_squashing_keeps_the_edges(name: str) -> None:
    pixels = preprocess(ramp(240, 640), name)[0]
    assert pixels[0, 0, 0] < -0.98
    assert pixels[0, -1, 0] > 0.97


def test_the_centre_loses_the_edges() -> None:
    pixels = preprocess(ramp(240, 640), "shorter-side-centre-224")[0]
    assert pixels[0, 0, 0] == pytest.approx(-0.375, abs=0.01)
    assert pixels[0, -1, 0] == pytest.approx(0.375, abs=0.01)
    assert pixels[0, 0, 1] < -0.98


def test_a_longer_side_is_rounded_up() -> None:
    """320 to 299 (298.67): the centre begins at (299 - 224) // 2 = 37."""
    frames = ramp(240, 320)
    whole = functional.interpolate(
        torch.from_numpy(frames).permute(0, 3, 1, 2).float(), (224, 299), mode="bilinear"
    )
    expected = whole[0, :, :, 37 : 37 + 224].permute(1, 2, 0).numpy() / 127.5 - 1
    found = preprocess(frames, "shorter-side-centre-224")[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_antialias_truncates_to_levels() -> None:
    pixels = preprocess(ramp(448, 448), "antialias-224-then-224")
    levels = (pixels + 1) * 127.5
    np.testing.assert_allclose(levels, np.round(levels), atol=1e-4)


def test_the_legacy_resize_takes_its_last_pixel_from_the_edge() -> None:
    values = np.arange(8, dtype=np.uint8).reshape(1, 1, 8, 1)
    doubled = resize_tf1_legacy(values, 2, 16)
    assert doubled[0, 1, :, 0].tolist() == [*np.arange(0, 7.5, 0.5), 7.0]


def test_given_224_refuses_another_size() -> None:
    with pytest.raises(ConfigError, match="320x240") as caught:
        preprocess(ramp(240, 320), "given-224")
    assert caught.value.code == "bad_shape"


@pytest.mark.parametrize("name", ["bicubic", "antialias-0-then-224", "antialias-N-then-224"])
def test_an_unknown_name_lists_the_known(name: str) -> None:
    with pytest.raises(ConfigError, match="half-pixel-224") as caught:
        preprocess(ramp(8, 8), name)
    assert caught.value.code == "preprocessing_unknown"


@pytest.mark.parametrize("name", ALL)
def test_a_frame_does_not_depend_on_its_neighbours(name: str) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 50, 70, 3), dtype=np.uint8)
    together = preprocess(frames, name)
    alone = np.concatenate([preprocess(frames[i : i + 1], name) for i in range(3)])
    np.testing.assert_array_equal(together, alone)
