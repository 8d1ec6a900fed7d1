"""Predict each sample from those before it, and see by how much the prediction fails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def prediction_error(windows: Floats, order: int) -> Floats:
    """Return the error of the best linear prediction within each window.

    Args:
        windows: Samples, float64 `(windows, n)`.
        order: Samples that a prediction is made from; the error of as many at the start is 0.

    Returns:
        float64 `(windows, n)`.

    Source: the autocorrelation method with Levinson's recursion; Makhoul, Linear prediction: a
    tutorial review, Proc. IEEE 63(4), 1975.
    """
    length = windows.shape[1]
    if length <= order:
        return np.zeros_like(windows)
    coefficients = _levinson(_autocorrelation(windows * np.hanning(length), order))
    error = np.zeros_like(windows)
    for k in range(order + 1):
        error[:, order:] += coefficients[:, k : k + 1] * windows[:, order - k : length - k]
    return error


def _autocorrelation(windows: Floats, order: int) -> Floats:
    length = windows.shape[1]
    size = 1 << (length + order).bit_length()
    spectrum = np.abs(np.fft.rfft(windows, size, axis=1)) ** 2
    found: Floats = np.fft.irfft(spectrum, size, axis=1)[:, : order + 1]
    # A little white noise keeps the recursion well conditioned where there is none, or no sound.
    found[:, 0] = found[:, 0] * (1 + 1e-6) + 1e-9
    return found


def _levinson(correlation: Floats) -> Floats:
    """Return the prediction error filter of each row, whose first coefficient is 1."""
    rows, count = correlation.shape
    found = np.zeros((rows, count))
    found[:, 0] = 1.0
    power = correlation[:, 0].copy()
    for i in range(1, count):
        reflection = -(found[:, :i] * correlation[:, i:0:-1]).sum(axis=1) / power
        found[:, 1 : i + 1] += reflection[:, None] * found[:, i - 1 :: -1][:, :i]
        power *= 1 - reflection**2
    return found
