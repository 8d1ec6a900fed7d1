from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.quality.natural_scene import (
    brisque_features,
    fit,
    niqe_features,
    normalised,
    scales,
)
from tests.features.flow.test_dis import texture


@pytest.mark.parametrize(("draw", "shape"), [("normal", 2.0), ("laplace", 1.0)])
def test_the_shape_of_known_distributions_is_found(draw: str, shape: float) -> None:
    values = getattr(np.random.default_rng(0), draw)(0, 3, (4, 300, 300))
    found = fit(values, zero_counts_right=False)
    np.testing.assert_allclose(found.shape, shape, rtol=0.03)
    np.testing.assert_allclose(found.left, found.right, rtol=0.02)


def test_sides_of_different_scale_are_told_apart() -> None:
    """One minus an exponential's sides: |x| has scale 2 on the left and 6 on the right."""
    rng = np.random.default_rng(0)
    right = rng.random((400, 400)) < 0.75
    values = np.where(right, 6.0, -2.0) * rng.exponential(1.0, right.shape)
    found = fit(values, zero_counts_right=False)
    assert float(found.shape) == pytest.approx(1.0, rel=0.05)
    mean, left, scale = (float(part) for part in scales(found))
    assert (left, scale) == pytest.approx((2.0, 6.0), rel=0.05)
    assert mean == pytest.approx(4.0, rel=0.05)


def test_each_of_a_stack_is_fitted_alone() -> None:
    values = np.random.default_rng(0).normal(0, 1, (3, 64, 64))
    values[1] = 0
    found = fit(values, zero_counts_right=True)
    assert found.shape[1] == pytest.approx(0.2)
    alone = fit(values[2], zero_counts_right=True)
    assert (alone.shape, alone.left) == (found.shape[2], found.left[2])


def test_normalisation_takes_light_and_contrast_out() -> None:
    luma = texture(120, 160, 2.0).astype(np.float64)
    plain = normalised(luma, 1e-9, replicate=True)
    np.testing.assert_allclose(normalised(40 + luma / 2, 1e-9, replicate=True), plain, atol=1e-5)
    assert abs(plain.mean()) < 0.05


def test_features_have_their_number_and_cut_patches() -> None:
    luma = texture(200, 310, 2.0)
    assert brisque_features(luma).shape == (36,)
    assert niqe_features(luma).shape == (6, 36)
    np.testing.assert_array_equal(niqe_features(luma), niqe_features(luma[:192, :288]))
