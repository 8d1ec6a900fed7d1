"""What a cheat lays over pictures: grain, camera motion, light, a moving sprite."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.validity.clip import Changed, Clip, Numbers, Pictures
from lvbench.validity.faults import changes

_SHAKE_MEMORY = 0.8  # correlation of a frame's displacement with the one before
_SPRITE = 22 / 320  # side as a share of the width
_SPRITE_SPEED = 0.12  # widths per second


@dataclass(frozen=True, slots=True)
class Path:
    """Where the camera looks in each frame.

    Attributes:
        zoom: Magnification `(n,)`, 1 or more.
        offset: Displacement right and down `(n, 2)`, in widths of the picture.
    """

    zoom: NDArray[np.float64]
    offset: NDArray[np.float64]

    def over(self, clip: Clip) -> Clip:
        """Return the clip seen along this path, by sub-pixel warps."""

        def apply(frames: Pictures, numbers: Numbers) -> Pictures:
            for i, number in enumerate(numbers):
                frames[i] = _seen(frames[i], self.zoom[number], self.offset[number])
            return frames

        return Changed(clip, apply)

    def then(self, other: Path) -> Path:
        """Return both motions at once."""
        return Path(self.zoom * other.zoom, self.offset + other.offset)


def zooming(clip: Clip, rate: float) -> Path:
    """Return a zoom into the centre, by `rate` per second."""
    seconds = np.arange(clip.shape.frames) / clip.shape.fps
    return Path((1 + rate) ** seconds, np.zeros((clip.shape.frames, 2)))


def panning(clip: Clip, speed: float, seed: int) -> Path:
    """Return a pan of `speed` widths per second over an enlarged picture, there and back."""
    size = clip.shape
    reach = min(speed * size.seconds, 0.25)
    way = speed * np.arange(size.frames) / size.fps + reach / 2
    place = np.abs((way + reach) % (2 * reach) - reach) - reach / 2
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi) if seed else 0.3
    direction = np.array([np.cos(angle), np.sin(angle) * size.height / size.width])
    return Path(np.full(size.frames, 1 / (1 - reach)), place[:, None] * direction)


def shaking(clip: Clip, amplitude: float, seed: int) -> Path:
    """Return the shake of a hand-held camera.

    Args:
        clip: The clip.
        amplitude: Standard deviation in pixels at 256 wide.
        seed: Seed of the path; odd seeds give sinusoids.
    """
    count, rng = clip.shape.frames, np.random.default_rng(seed)
    if seed % 2:
        rates, phases = rng.uniform(0.5, 3.0, 2), rng.uniform(0, 2 * np.pi, 2)
        seconds = np.arange(count)[:, None] / clip.shape.fps
        path = np.sqrt(2) * np.sin(2 * np.pi * rates * seconds + phases)
    else:
        path = rng.standard_normal((count, 2))
        for i in range(1, count):
            path[i] = _SHAKE_MEMORY * path[i - 1] + np.sqrt(1 - _SHAKE_MEMORY**2) * path[i]
    return Path(np.full(count, 1.01), amplitude / 256 * path)


def grained(clip: Clip, deviation: float, seed: int) -> Clip:
    """Return the clip with white noise of a standard deviation in levels."""

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, number in enumerate(numbers):
            frames[i] = changes.noise(frames[i], deviation, (seed, int(number)))
        return frames

    return Changed(clip, apply)


def lit(clip: Clip, rates: tuple[float, float, float], seconds: float) -> Clip:
    """Return the clip with a gain of each colour that grows by `rates` every `seconds`."""

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, number in enumerate(numbers):
            gain = (1 + np.asarray(rates)) ** (number / clip.shape.fps / seconds)
            frames[i] = changes.gained(frames[i], gain)
        return frames

    return Changed(clip, apply)


def with_sprite(clip: Clip, strength: float, seed: int) -> Clip:
    """Return the clip with a disc that moves and bounces off the borders.

    Args:
        clip: The clip.
        strength: Factor of its size; at 1 its side is 22 pixels of 320.
        seed: Seed of its path and colour.
    """
    size, rng = clip.shape, np.random.default_rng(seed)
    side = max(3, round(_SPRITE * strength * size.width))
    speed = _SPRITE_SPEED * size.width * rng.uniform(0.6, 1.0, 2)
    begin, colour = rng.uniform(0, 1, 2), rng.integers(30, 226, 3)
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    radius = np.hypot(axis[:, None], axis)
    alpha = np.clip((1 - radius) * side / 2, 0, 1)[..., None]
    disc = np.clip(colour * (1.15 - 0.4 * radius[..., None] ** 2), 0, 255)

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, number in enumerate(numbers):
            room = np.array([size.width - side, size.height - side])
            way = begin * room + speed * number / size.fps
            x, y = np.rint(room - np.abs(way % (2 * room) - room)).astype(int)
            part = frames[i, y : y + side, x : x + side]
            part[...] = np.rint(part * (1 - alpha) + disc * alpha)
        return frames

    return Changed(clip, apply)


def _seen(picture: Pictures, zoom: float, offset: NDArray[np.float64]) -> Pictures:
    height, width = picture.shape[:2]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = centre - centre / zoom + offset * width
    matrix = np.array([[1 / zoom, 0, shift[0]], [0, 1 / zoom, shift[1]]])
    flags, border = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, cv2.BORDER_REFLECT
    seen = cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderMode=border)
    return np.asarray(seen, np.uint8)
