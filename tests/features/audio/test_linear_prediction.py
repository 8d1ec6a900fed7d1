from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from lvbench.features.audio.linear_prediction import prediction_error


def test_it_is_the_error_of_the_normal_equations() -> None:
    """Against SciPy's own Levinson solver and filter."""
    rng = np.random.default_rng(0)
    windows = lfilter([1.0], [1.0, -1.5, 0.8], rng.normal(size=(3, 400)))
    order = 6
    for window, error in zip(windows, prediction_error(windows, order), strict=True):
        tapered = window * np.hanning(400)
        products = np.correlate(tapered, tapered, "full")[399:]
        products[0] = products[0] * (1 + 1e-6) + 1e-9
        weights = solve_toeplitz(products[:order], products[1 : order + 1])
        expected = lfilter(np.concatenate([[1.0], -weights]), [1.0], window)
        assert error[order:] == pytest.approx(expected[order:], abs=1e-8)
        assert not error[:order].any()


def test_a_tone_is_foreseen_and_a_jump_is_not() -> None:
    t = np.arange(960) / 16000
    wave = np.sin(2 * np.pi * 440 * t)
    broken = np.concatenate([wave[:480], np.sin(2 * np.pi * 440 * t[480:] + 2)])
    smooth, jump = np.abs(prediction_error(np.stack([wave, broken]), 24))
    assert jump.argmax() == pytest.approx(480, abs=1)
    assert jump.max() > 50 * smooth[100:-100].max()


def test_silence_and_short_windows_have_no_error() -> None:
    assert not prediction_error(np.zeros((2, 100)), 24).any()
    assert prediction_error(np.ones((2, 10)), 24).shape == (2, 10)
