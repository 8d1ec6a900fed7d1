"""Faults that change from frame to frame: flicker, boiling and sticking texture."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.validity.clip import Changed, Clip, Numbers, Pictures
from lvbench.validity.faults.changes import gained, levels, luma, pixels
from lvbench.validity.faults.fault import Fault

_CELL = 48.0  # pixels at 256 wide
_RATE = 4.0  # Hz
_FINE, _COARSE, _NEAR = 0.7, 2.0, 4.0  # pixels at 256 wide
_Picture = Callable[[Pictures, int], Pictures]


def _from(clip: Clip, start: float, change: _Picture) -> Clip:
    """Return the clip with a change of each frame, by its number, from `start` (seconds) on."""
    first = int(np.ceil(start * clip.shape.fps - 1e-9))

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, number in enumerate(numbers):
            if number >= first:
                frames[i] = change(frames[i], int(number))
        return frames

    return Changed(clip, apply)


def flicker_global(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Multiply every frame by its own random gain, of standard deviation `dose`."""

    def change(picture: Pictures, number: int) -> Pictures:
        gain = 1 + dose * np.random.default_rng((seed, number)).standard_normal()
        return gained(picture, np.full(3, gain))

    return _from(clip, start, change)


def flicker_local(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Multiply square cells of every frame by their own random gains."""

    def change(picture: Pictures, number: int) -> Pictures:
        height, width = picture.shape[:2]
        cell = max(4, round(pixels(_CELL, picture)))
        size = (-(-height // cell), -(-width // cell))
        gain = 1 + dose * np.random.default_rng((seed, number)).standard_normal(size)
        full = gain.repeat(cell, 0)[:height].repeat(cell, 1)[:, :width]
        return levels(picture * full[..., None].astype(np.float32))

    return _from(clip, start, change)


def flicker_periodic(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Multiply frames by a sinusoid of 4 Hz and amplitude `dose`; the seed sets its phase."""
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi)

    def change(picture: Pictures, number: int) -> Pictures:
        angle = 2 * np.pi * _RATE * number / clip.shape.fps + phase
        return gained(picture, np.full(3, 1 + dose * np.sin(angle)))

    return _from(clip, start, change)


def boiling(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Add fine texture that is new in every frame, `dose` times as strong as the picture's own."""

    def change(picture: Pictures, number: int) -> Pictures:
        grey = luma(picture)
        near = pixels(_NEAR, picture)
        spread = np.sqrt(_smooth(_band(grey) ** 2, near))
        white = np.random.default_rng((seed, number)).standard_normal(grey.shape, np.float32)
        field = _band(white)
        return levels(picture + (np.float32(dose) * spread * field / field.std())[..., None])

    return _from(clip, start, change)


def sticking(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Replace `dose` of the fine texture by that of the first frame, which stays in its place."""
    first = min(int(np.ceil(start * clip.shape.fps - 1e-9)), clip.shape.frames - 1)

    @lru_cache(1)
    def stuck() -> NDArray[np.float32]:
        picture = clip.take(np.array([first]))[0].astype(np.float32)
        return np.asarray(picture - _smooth(picture, pixels(_COARSE, picture)), np.float32)

    def change(picture: Pictures, number: int) -> Pictures:
        values = picture.astype(np.float32)
        texture = values - _smooth(values, pixels(_COARSE, picture))
        return levels(values + np.float32(dose) * (stuck() - texture))

    return _from(clip, start, change)


def _smooth(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _band(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the detail between two scales."""
    scale = values.shape[1] / 256
    return _smooth(values, _FINE * scale) - _smooth(values, _COARSE * scale)


FLICKER = {
    fault.name: fault
    for fault in (
        Fault(
            "flicker_global",
            "Flicker of the whole picture",
            "sd of the gain",
            (0.008, 0.02, 0.05),
            "throughout",
            flicker_global,
        ),
        Fault(
            "flicker_local",
            "Flicker of cells",
            "sd of the gain",
            (0.012, 0.03, 0.075),
            "throughout",
            flicker_local,
        ),
        Fault(
            "flicker_periodic",
            "Periodic flicker",
            "amplitude of the gain",
            (0.01, 0.025, 0.06),
            "throughout",
            flicker_periodic,
        ),
        Fault(
            "boiling",
            "Boiling texture",
            "share of the texture",
            (0.15, 0.4, 1.0),
            "throughout",
            boiling,
        ),
        Fault(
            "sticking",
            "Texture that sticks to the screen",
            "share of the texture",
            (0.15, 0.35, 0.8),
            "throughout",
            sticking,
        ),
    )
}
