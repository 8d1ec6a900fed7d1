"""Corruptions like those of generated frames: blur, grain, blocks, lossy coding, wrong colours."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Levels = NDArray[Any]  # float32, 0 to 255

_CLEAN = 0.25  # share of unchanged pictures


def spoiled(picture: Picture, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """Return a picture `uint8 (h, w, 3)` with random corruptions, or unchanged."""
    if rng.random() < _CLEAN:
        return picture
    image: Levels = picture.astype(np.float32)
    if rng.random() < 0.5:
        image = toned(image, rng, strength)
    if rng.random() < 0.5:
        width = float(rng.uniform(0.3, 0.3 + 1.1 * strength))
        image = cv2.GaussianBlur(image, (0, 0), width)
    if rng.random() < 0.25:
        image = blocky(image, rng, 6.0 * strength)
    if rng.random() < 0.4:
        image += rng.normal(0, rng.uniform(1, 10 * strength), image.shape).astype(np.float32)
    found = np.clip(image + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(25, 95))
        _, coded = cv2.imencode(".jpg", found, [cv2.IMWRITE_JPEG_QUALITY, quality])
        found = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    spoilt: Picture = found
    return spoilt


def toned(image: Levels, rng: np.random.Generator, strength: float) -> Levels:
    """Return a picture, 0 to 255, with random brightness, contrast, saturation and tint."""
    tint = 1 + strength * rng.uniform(-0.06, 0.06, 3)
    gain = 1 + strength * rng.uniform(-0.12, 0.12)
    image = image * (gain * tint).astype(np.float32)
    mean = image.mean()
    image = (image - mean) * np.float32(1 + strength * rng.uniform(-0.15, 0.15)) + mean
    grey = image.mean(axis=2, keepdims=True)
    changed: Levels = grey + (image - grey) * np.float32(1 + strength * rng.uniform(-0.2, 0.2))
    return changed


def blocky(image: Levels, rng: np.random.Generator, size: float, side: int = 8) -> Levels:
    """Return a picture whose blocks of `side` pixels differ in brightness."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    steps = rng.normal(0, size, (rows, columns, 3)).astype(np.float32)
    changed: Levels = image + np.kron(steps, np.ones((side, side, 1), np.float32))
    return changed
