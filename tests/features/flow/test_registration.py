from __future__ import annotations

import cv2
import numpy as np
import pytest

from lvbench.features.flow.registration import (
    IDENTITY,
    blurred,
    chained,
    inverse,
    moved,
    register,
    structure,
)

SIGMAS = (1.25, 5.0)


def _texture(seed: int = 0, height: int = 90, width: int = 160) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, (height, width)).astype(np.float32)
    picture = blurred(noise, 2.0)
    return (128 + 30 * picture / picture.std()).astype(np.float32)


def _affine(zoom: float, right: float, turn: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((79.5, 44.5), turn, zoom)
    matrix[0, 2] += right
    return matrix


@pytest.mark.parametrize(("zoom", "right", "turn"), [(1, 0.3, 0), (1.04, 0, 0), (0.98, 9, 1.5)])
@pytest.mark.parametrize("gain", [1.0, 0.8])
def test_a_planted_motion_is_found(zoom: float, right: float, turn: float, gain: float) -> None:
    matrix = _affine(zoom, right, turn)
    first = _texture()
    second = gain * cv2.warpAffine(first, matrix, (160, 90), borderMode=cv2.BORDER_REFLECT)
    found = register(structure(first, SIGMAS), structure(second, SIGMAS))
    corners = np.array([[20, 20, 1], [140, 20, 1], [20, 70, 1], [140, 70, 1]]).T
    assert np.abs(found @ corners - matrix @ corners).max() < 0.15


def test_equal_and_unrelated_pictures_do_not_move() -> None:
    first = structure(_texture(), SIGMAS)
    assert np.allclose(register(first, first), IDENTITY, atol=1e-3)
    flat = structure(np.full((90, 160), 90, np.float32), SIGMAS)
    assert np.array_equal(register(flat, flat), IDENTITY)


def test_maps_chain_and_invert() -> None:
    there, on = _affine(1.1, 4, 3), _affine(0.9, -2, 1)
    assert np.allclose(chained(there, inverse(there)), IDENTITY)
    point = np.array([10.0, 20.0, 1.0])
    assert np.allclose(chained(there, on) @ point, on @ [*(there @ point), 1.0])


def test_outside_of_the_picture_nothing_is_known() -> None:
    out = moved(_texture(), np.array([[1.0, 0.0, 40.0], [0.0, 1.0, 0.0]]))
    assert np.isnan(out[:, 125:]).all()
    assert np.isfinite(out[:-1, :119]).all()
