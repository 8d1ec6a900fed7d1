"""Faults of generated windows, planted for training and evaluation."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.world_training.spoil import blocky
from lvbench.features.world.networks import FAULTS

Window = NDArray[np.float32]  # (16, 48, 48, 3), 0 to 255
Planted = NDArray[np.float32]

_CLEAN = 0.3  # share of the windows that stay as they are


def blur(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window out of focus."""
    width = 0.6 + 2 * dose
    return np.stack([cv2.GaussianBlur(frame, (0, 0), width) for frame in window])


def flicker(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window whose brightness jumps from frame to frame."""
    steps = rng.normal(0, 0.03 + 0.15 * dose, (len(window), 1, 1, 1))
    return np.asarray(window * (1 + steps), np.float32)


def freeze(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window that is frozen from some frame on."""
    last = int(rng.integers(0, len(window) - 4))
    return window[np.minimum(np.arange(len(window)), last)]


def shuffle(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window with its frames out of order, within a second or so."""
    order = np.arange(len(window)) + rng.uniform(0, 3 + 10 * dose, len(window))
    return window[np.argsort(order)]


def tint(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window under a coloured light that no prompt orders."""
    gains = 1 + rng.choice([-1, 1], 3) * rng.uniform(0.05, 0.1 + 0.3 * dose, 3)
    return np.asarray(window * gains, np.float32)


def blocks(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window of mismatched patches, different in every frame."""
    return np.stack([blocky(frame, rng, 4 + 16 * dose) for frame in window])


def melt(window: Window, rng: np.random.Generator, dose: float) -> Window:
    """Return a window whose shapes are warped by a smooth, changing displacement field."""
    side = window.shape[1]
    start, stop = rng.normal(0, 1.2 + 3 * dose, (2, 2, 6, 6))
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    found = []
    for share, frame in zip(np.linspace(0, 1, len(window)), window, strict=True):
        coarse = (1 - share) * start + share * stop
        dx, dy = (cv2.resize(part, (side, side), interpolation=cv2.INTER_CUBIC) for part in coarse)
        wanted = (columns + dx).astype(np.float32), (rows + dy).astype(np.float32)
        found.append(cv2.remap(frame, *wanted, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
    return np.stack(found)


PLANTED: dict[str, Callable[[Window, np.random.Generator, float], Window]] = {
    "blur": blur,
    "flicker": flicker,
    "freeze": freeze,
    "shuffle": shuffle,
    "tint": tint,
    "blocks": blocks,
    "melt": melt,
}


def plant(
    window: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return a window with up to three random faults, and a mask over `FAULTS`."""
    has = np.zeros(len(FAULTS), np.float32)
    if rng.random() < _CLEAN:
        return window, has
    image = window.astype(np.float32)
    for index in rng.permutation(len(FAULTS))[: int(rng.integers(1, 4))].tolist():
        image = PLANTED[FAULTS[index]](image, rng, float(rng.random()))
        has[index] = 1
    return finished(image), has


def finished(window: Window) -> NDArray[np.uint8]:
    """Return a window in 8 bits."""
    return np.asarray(np.clip(window + 0.5, 0, 255), np.uint8)
