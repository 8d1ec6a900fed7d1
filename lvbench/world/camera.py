"""Camera motion: closed forms of the time since the shot's start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PERIOD = 16.0  # seconds from home to home
REACH = 0.8  # view widths
_STAY = PERIOD / 4

Array = NDArray[np.float64]


def position(camera: str, since: Array) -> Array:
    """Return the offset of the view to the right of the home view, in view widths."""
    away: Array = _side(camera) * REACH / 2 * (1 - np.cos(_angle(camera, since)))
    return away


def velocity(camera: str, since: Array) -> Array:
    """Return the rate of `position` in view widths per second."""
    angle = _angle(camera, since)
    if not camera.startswith("return"):
        rate = np.full(since.shape, 2 * np.pi / PERIOD)
    else:
        rate = np.floor(since / _STAY) % 2 * (np.pi / _STAY)
    speed: Array = _side(camera) * REACH / 2 * np.sin(angle) * rate
    return speed


def _side(camera: str) -> float:
    if camera == "still":
        return 0.0
    return 1.0 if camera.endswith("right") else -1.0


def _angle(camera: str, since: Array) -> Array:
    """Return the phase of the motion, 0 at home and pi at the far end."""
    if camera.startswith("return"):
        # Stay, leave, stay, return: a quarter of the period each.
        quarter = since / _STAY % 4
        return np.pi * (np.clip(quarter - 1, 0, 1) + np.clip(quarter - 3, 0, 1))
    return 2 * np.pi * since / PERIOD
