"""A procedural clip: an aerial view of fields with a gliding camera and moving objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 16
_MARGIN = 1.6
_THINGS = 5
_FIELDS = 90
_CONTRAST = 34  # standard deviation of the landscape, in levels

Picture = NDArray[np.float32]


def render_clip(
    seconds: float, fps: float, width: int, height: int, seed: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield chunks of a healthy clip, without drift, flicker, freezes, repetition or cuts.

    Args:
        seconds: Length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seed: Seed of the landscape, the objects and their paths.

    Yields:
        `uint8 (T, height, width, 3)` RGB, T up to 16.

    Examples:
        >>> from lvbench.world.clip import render_clip
        >>> [chunk.shape for chunk in render_clip(2.0, 12.0, 64, 48, seed=0)]
        [(16, 48, 64, 3), (8, 48, 64, 3)]
    """
    scene = _Scene(width, height, seed)
    count = round(seconds * fps)
    for start in range(0, count, _CHUNK):
        times = np.arange(start, min(start + _CHUNK, count)) / fps
        yield np.stack([scene.frame(t) for t in times])


class _Scene:
    """The objects, the landscape and the camera's grain, which is drawn frame by frame."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._size = width, height
        self._canvas = _landscape(self._rng, width, height)
        self._things = [_Thing(self._rng, width, height) for _ in range(_THINGS)]
        self._camera = _Path(
            self._rng, (_MARGIN - 1) * width / 2 - 1, (_MARGIN - 1) * height / 2 - 1
        )
        grain = self._rng.standard_normal((2 * height, 2 * width, 1), dtype=np.float32)
        self._grain = np.repeat(grain, 3, axis=2)

    def frame(self, t: float) -> NDArray[np.uint8]:
        import cv2

        width, height = self._size
        rows, columns = self._canvas.shape[:2]
        x, y = self._camera.at(t) + (np.array([columns, rows]) - 1) / 2
        frame: Any = cv2.getRectSubPix(self._canvas, self._size, (float(x), float(y)))
        for thing in self._things:
            thing.draw(frame, t)
        # A random window of a larger field looks as random and is much faster.
        left, top = self._rng.integers(0, (width + 1, height + 1))
        grain = self._grain[top : top + height, left : left + width]
        shown: Any = cv2.add(frame, grain, dtype=cv2.CV_8U)
        return np.asarray(shown, np.uint8)


class _Path:
    """A smooth path that does not repeat within an hour: two unrelated sines per axis."""

    def __init__(self, rng: np.random.Generator, reach_x: float, reach_y: float) -> None:
        self._reach = np.array([reach_x, reach_y])
        self._period = rng.uniform(7.0, 13.0, (2, 2)) * np.array([1.0, np.sqrt(5)])
        self._phase = rng.uniform(0, 2 * np.pi, (2, 2))

    def at(self, t: float) -> NDArray[np.float64]:
        waves = np.sin(2 * np.pi * t / self._period + self._phase)
        place: NDArray[np.float64] = self._reach * waves.mean(axis=1)
        return place


class _Thing:
    """A disc or a box with a random pattern."""

    def __init__(self, rng: np.random.Generator, width: int, height: int) -> None:
        size = max(4, int(rng.uniform(0.12, 0.24) * height))
        self._way = _Path(rng, 0.45 * width, 0.4 * height)
        self._corner = (np.array([width, height]) - size) / 2
        y, x = np.mgrid[-1 : 1 : 1j * size, -1 : 1 : 1j * size]
        colour = rng.uniform(60, 235, 3)
        pattern = 1 + 0.25 * np.sin(rng.uniform(4, 9) * x + rng.uniform(4, 9) * y)
        inside = np.hypot(x, y) if rng.random() < 0.6 else np.maximum(abs(x), abs(y))
        # The edge fades over a pixel or two, so that motion is smooth.
        cover = np.clip((1 - inside) * size / 4, 0, 1)
        picture = (colour * pattern[:, :, None]).clip(0, 255) * cover[:, :, None]
        # One more row and column, for sub-pixel shifts.
        room = ((0, 1), (0, 1), (0, 0))
        self._layer = np.pad(np.dstack([picture, cover]).astype(np.float32), room)

    def draw(self, frame: Picture, t: float) -> None:
        """Blend the object into the frame."""
        import cv2

        height, width = frame.shape[:2]
        corner = self._corner + self._way.at(t)
        whole = np.floor(corner).astype(int)
        left, top = int(whole[0]), int(whole[1])
        place = np.hstack([np.eye(2), (corner - whole)[:, None]])
        side = len(self._layer)
        layer = cv2.warpAffine(self._layer, place, (side, side))
        rows = slice(max(0, -top), min(side, height - top))
        columns = slice(max(0, -left), min(side, width - left))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        layer = layer[rows, columns]
        below = frame[
            top + rows.start : top + rows.stop, left + columns.start : left + columns.stop
        ]
        below *= 1 - layer[:, :, 3:]
        below += layer[:, :, :3]


def _landscape(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Return a picture with edges and detail at every scale, like natural images.

    All windows of `width` x `height` have nearly the same mean, so that a gliding camera sees no
    drift of light or colour.
    """
    import cv2

    view = width, height
    width, height = int(width * _MARGIN), int(height * _MARGIN)
    picture = _fields(rng, width, height)
    cells = 6
    while cells < max(width, height):
        grid = rng.standard_normal((max(2, cells * height // width), cells, 3), dtype=np.float32)
        layer = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        grey = layer.mean(axis=2, keepdims=True)
        picture += (0.9 * grey + 0.1 * layer) / np.float32(np.sqrt(cells / 3))
        cells *= 2
    for _ in range(3):
        picture -= cv2.blur(picture, view, borderType=cv2.BORDER_REFLECT)
    earth = np.array([118, 124, 92], np.float32) + rng.uniform(-18, 18, 3).astype(np.float32)
    landscape: Picture = (earth + picture * (_CONTRAST / picture.std())).clip(5, 250)
    return landscape


def _fields(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Return a patchwork of fields (Voronoi cells), each with its own tint."""
    centres = rng.uniform(0, 1, (_FIELDS, 2)) * (width, height)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    nearest = np.full((height, width), np.inf, np.float32)
    owner = np.zeros((height, width), np.intp)
    for number, (cx, cy) in enumerate(centres.astype(np.float32)):
        distance = (x - cx) ** 2 + (y - cy) ** 2
        closer = distance < nearest
        nearest[closer], owner[closer] = distance[closer], number
    grey = rng.standard_normal((_FIELDS, 1), dtype=np.float32)
    tint = rng.standard_normal((_FIELDS, 3), dtype=np.float32)
    patchwork: Picture = (0.8 * grey + 0.4 * tint)[owner]
    return patchwork
