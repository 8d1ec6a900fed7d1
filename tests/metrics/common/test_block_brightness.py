from __future__ import annotations

import cv2
import numpy as np

from lvbench.metrics.common.block_brightness import block_mean, brightness_change


def texture() -> np.ndarray:
    smooth = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((64, 64)), (0, 0), 3.0)
    return (128 + 35 * smooth / smooth.std()).astype(np.float32)


def test_brightness_change_takes_a_small_shift_out() -> None:
    gray = texture()
    shifted = np.roll(gray, 1, axis=1) * 0.5 + gray * 0.5
    mask = np.ones(gray.shape, np.bool_)
    residual = gray - shifted + 3
    found = brightness_change(gray, (residual,), mask, 16)
    plain = residual.reshape(4, 16, 4, 16).mean((1, 3))
    assert np.abs(found.change[0] - 3).mean() < 0.5 * np.abs(plain - 3).mean()
    assert (found.tracked == 1).all()


def test_masked_pixels_do_not_count() -> None:
    gray = texture()
    residual = np.full(gray.shape, 2, np.float32)
    mask = np.ones(gray.shape, np.bool_)
    mask[:16, :8] = False
    residual[:16, :8] = 100
    mask[16:32, :16] = False
    found = brightness_change(gray, (residual, -residual), mask, 16)
    assert found.tracked[0, 0] == 0.5
    assert found.tracked[1, 0] == 0
    seen = found.tracked > 0
    np.testing.assert_allclose(found.change[0][seen], 2, atol=1e-3)
    np.testing.assert_allclose(found.change[1][seen], -2, atol=1e-3)
    assert found.variance.max() < 1e-2


def test_noise_is_scatter() -> None:
    gray = texture()
    noise = np.random.default_rng(1).normal(0, 3, gray.shape).astype(np.float32)
    found = brightness_change(gray, (noise,), np.ones(gray.shape, np.bool_), 16)
    np.testing.assert_allclose(found.variance.mean(), 9, rtol=0.1)


def test_blocks_are_centred_and_whole() -> None:
    x = np.zeros((10, 18), np.float32)
    x[1:9, 1:9] = 4
    np.testing.assert_array_equal(block_mean(x, 8), [[4, 0]])
    assert block_mean(np.ones((5, 5), np.float32), 8).tolist() == [[1.0]]
