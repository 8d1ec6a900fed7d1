"""A procedural clip: a textured landscape under a gliding camera, with things that move in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_CHUNK = 16
_MARGIN = 1.6
_THINGS = 5


def render_clip(
    seconds: float, fps: float, width: int, height: int, seed: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield chunks of a healthy clip: nothing in it drifts, flickers, freezes, repeats or cuts.

    Args:
        seconds: Length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seed: Seed of the landscape, the things and their paths.

    Yields:
        `uint8 (T, height, width, 3)` RGB, T up to 16.
    """
    rng = np.random.default_rng(seed)
    canvas = _landscape(rng, int(width * _MARGIN), int(height * _MARGIN))
    things = [_Thing(rng, width, height) for _ in range(_THINGS)]
    camera = _Path(rng, (_MARGIN - 1) * width / 2, (_MARGIN - 1) * height / 2)
    count = round(seconds * fps)
    for start in range(0, count, _CHUNK):
        times = np.arange(start, min(start + _CHUNK, count)) / fps
        yield np.stack([_frame(canvas, things, camera, t, width, height, rng) for t in times])


class _Path:
    """A smooth way that never repeats within an hour: two sines of unrelated periods an axis."""

    def __init__(self, rng: np.random.Generator, reach_x: float, reach_y: float) -> None:
        self._reach = np.array([reach_x, reach_y])
        self._period = rng.uniform(7.0, 13.0, (2, 2)) * np.array([1.0, np.sqrt(5)])
        self._phase = rng.uniform(0, 2 * np.pi, (2, 2))

    def at(self, t: float) -> NDArray[np.float64]:
        waves = np.sin(2 * np.pi * t / self._period + self._phase)
        place: NDArray[np.float64] = self._reach * waves.mean(axis=1)
        return place


class _Thing:
    """A disc or a box with a pattern of its own."""

    def __init__(self, rng: np.random.Generator, width: int, height: int) -> None:
        self.size = int(rng.uniform(0.12, 0.24) * height)
        self.way = _Path(rng, 0.45 * width, 0.4 * height)
        self.centre = np.array([width / 2, height / 2])
        y, x = np.mgrid[-1 : 1 : 1j * self.size, -1 : 1 : 1j * self.size]
        colour = rng.uniform(60, 235, 3)
        pattern = 1 + 0.25 * np.sin(rng.uniform(4, 9) * x + rng.uniform(4, 9) * y)
        self.picture = (colour * pattern[:, :, None]).clip(0, 255).astype(np.float32)
        inside = np.hypot(x, y) if rng.random() < 0.6 else np.maximum(abs(x), abs(y))
        # The rim fades over a pixel or two, so that it glides instead of stepping.
        self.cover = np.clip((1 - inside) * self.size / 4, 0, 1).astype(np.float32)[:, :, None]


def _landscape(rng: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """Return a picture with detail at every scale, as natural images have."""
    import cv2

    picture = np.zeros((height, width, 3), np.float32)
    cells = 3
    while cells < max(width, height):
        grid = rng.standard_normal((max(2, cells * height // width), cells, 3)).astype(np.float32)
        layer = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        grey = layer.mean(axis=2, keepdims=True)
        picture += (0.7 * grey + 0.3 * layer) / np.float32(np.sqrt(cells))
        cells *= 2
    picture -= picture.mean(axis=(0, 1))
    tint = rng.uniform(95, 150, 3).astype(np.float32)
    landscape: NDArray[np.float32] = (tint + picture * (42 / picture.std())).clip(5, 250)
    return landscape


def _frame(
    canvas: NDArray[np.float32],
    things: list[_Thing],
    camera: _Path,
    t: float,
    width: int,
    height: int,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    import cv2

    offset = camera.at(t) + (np.array(canvas.shape[1::-1]) - (width, height)) / 2
    view = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frame = cv2.warpAffine(
        canvas, view, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    for thing in things:
        corner = thing.centre + thing.way.at(t) - thing.size / 2
        place = np.array([[1, 0, corner[0]], [0, 1, corner[1]]], np.float32)
        picture = cv2.warpAffine(thing.picture, place, (width, height))
        cover = cv2.warpAffine(thing.cover, place, (width, height))[:, :, None]
        frame = frame * (1 - cover) + picture * cover
    grain = rng.standard_normal((height, width, 1)).astype(np.float32)
    clipped: NDArray[np.uint8] = np.rint((frame + grain).clip(0, 255)).astype(np.uint8)
    return clipped
