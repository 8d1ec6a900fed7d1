"""Changes of one picture by an amount: light, colour, focus, noise and coding.

Every function takes a picture `uint8 (h, w, 3)` RGB, an amount above 0 and a key of its random
numbers, and returns a picture of the same shape. Lengths are in pixels of a picture that is 256
wide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.generators.baselines import pixel_faults
from lvbench.validity.clip import Pictures

Key = tuple[int, ...]
Change = Callable[[Pictures, float, Key], Pictures]
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_BLOCK = 8
_WIDTH = 256


def pixels(length: float, picture: Pictures) -> float:
    """Return a length, in pixels at 256 wide, in pixels of this picture."""
    return float(length * picture.shape[1] / _WIDTH)


def levels(values: NDArray[Any]) -> Pictures:
    """Return rounded values within 0..255."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def luma(picture: Pictures) -> NDArray[np.float32]:
    """Return the BT.601 luma `(h, w)`."""
    return picture.astype(np.float32) @ _LUMA


def gained(picture: Pictures, gain: NDArray[np.float64]) -> Pictures:
    """Multiply by a gain per colour `(3,)`."""
    return np.asarray(pixel_faults.gained(picture[None], gain[None])[0])


def dark(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Lower the gain by `amount`."""
    return gained(picture, np.full(3, max(0.0, 1 - amount)))


def bright(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Raise the gain by `amount`."""
    return gained(picture, np.full(3, 1 + amount))


def overexposed(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Raise the exposure by `amount` stops, so that highlights clip."""
    return gained(picture, np.full(3, 2.0**amount))


def contrast(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Take `amount` of each pixel's distance from the mean colour of the picture."""
    mean = picture.mean(axis=(0, 1), dtype=np.float32)
    return levels(mean + (picture - mean) * np.float32(1 - amount))


def saturation(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Take `amount` of each pixel's distance from its grey."""
    grey = luma(picture)[..., None]
    return levels(grey + (picture - grey) * np.float32(1 - amount))


def hue(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Rotate the colour plane of YIQ by `amount` degrees; the luma stays."""
    from_rgb = np.array(
        [[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]]
    )
    angle = np.radians(amount)
    turn = np.eye(3)
    turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix = np.linalg.inv(from_rgb) @ turn @ from_rgb
    return levels(picture.astype(np.float32) @ matrix.T.astype(np.float32))


def warm(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Raise red and lower blue by `amount`."""
    return gained(picture, np.array([1 + amount, 1.0, max(0.0, 1 - amount)]))


def blur(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Blur by a Gaussian of standard deviation `amount`."""
    sigma = np.array([pixels(amount, picture)])
    return np.asarray(pixel_faults.blurred(picture[None], sigma)[0])


def noise(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Add white Gaussian noise of standard deviation `amount` levels."""
    grain = np.random.default_rng(key).standard_normal(picture.shape, np.float32)
    return levels(picture + np.float32(amount) * grain)


def block(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Quantise the luma's DCT coefficients of 8 x 8 blocks (at 256 wide) in steps of `amount`."""
    side = max(4, round(pixels(_BLOCK, picture)))
    transform = _cosines(side)
    height, width = picture.shape[:2]
    before = luma(picture)
    padded = np.pad(before, ((0, -height % side), (0, -width % side)), mode="edge")
    tiles = padded.reshape(len(padded) // side, side, -1, side).swapaxes(1, 2)
    coefficients = transform @ tiles @ transform.T
    kept = np.rint(coefficients / amount) * np.float32(amount)
    kept[..., 0, 0] = coefficients[..., 0, 0]
    after = (transform.T @ kept @ transform).swapaxes(1, 2).reshape(padded.shape)
    return levels(picture + (after[:height, :width] - before)[..., None])


def compression(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Encode as JPEG of quality 100 - `amount`."""
    quality = round(100 - amount)
    if quality >= 100:
        return picture
    options = (
        *(cv2.IMWRITE_JPEG_QUALITY, max(1, quality)),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    )
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], options)
    decoded: Any = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)


def fog(picture: Pictures, amount: float, key: Key) -> Pictures:
    """Dissolve `amount` of the picture into one dark red."""
    colour = np.array([46, 22, 24], np.float32)
    return levels(picture + (colour - picture) * np.float32(amount))


@lru_cache
def _cosines(side: int) -> NDArray[np.float32]:
    """Return the orthonormal DCT-II matrix."""
    k, x = np.mgrid[:side, :side]
    matrix = np.cos(np.pi * (2 * x + 1) * k / (2 * side)) * np.sqrt(2 / side)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)
