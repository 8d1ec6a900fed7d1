"""Loudness of a programme from its K-weighted power in steps (ITU-R BS.1770-4, EBU R 128)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ABSOLUTE_GATE = -70.0
"""LUFS below which a block is silence."""
_RELATIVE_GATE = -10.0  # LU
_STEPS = 4  # of 100 ms in a block of 400 ms, which overlap by three
_OFFSET = -0.691


def lufs(power: Floats) -> Floats:
    """Return the loudness of K-weighted powers in LUFS; -200 stands for less, and for none."""
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 10 ** (-199.309 / 10))))


def integrated(power: Floats) -> float | None:
    """Return the integrated loudness in LUFS, gated absolutely and then relatively.

    Args:
        power: K-weighted power of consecutive steps of 100 ms, all channels together.

    Returns:
        None where no block of 400 ms is louder than the absolute gate.

    Source: BS.1770-4, annex 1, equations 3 to 7.
    """
    if len(power) < _STEPS:
        return None
    blocks = np.lib.stride_tricks.sliding_window_view(power, _STEPS).mean(axis=1)
    loud = blocks[lufs(blocks) > ABSOLUTE_GATE]
    if not len(loud):
        return None
    gate = float(lufs(loud.mean())) + _RELATIVE_GATE
    return float(lufs(loud[lufs(loud) > gate].mean()))
