"""The panorama of a scene, of which a view is a crop, with a cache."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lvbench.world.landmarks import LANDMARKS
from lvbench.world.palette import TINTS
from lvbench.world.scenery import SCENES, backdrop
from lvbench.world.shapes import cover

Picture = NDArray[np.float32]
_TINTS = np.array(list(TINTS.values()), np.float32)


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a view: pixels, and width in view heights."""

    width: int
    height: int
    aspect: float

    @property
    def phases(self) -> int:
        """Return the number of sub-pixel offsets at which the panorama is sampled.

        Views between two offsets are interpolated, which is visible in small pictures only.
        """
        return 4 if self.height <= 96 else 2 if self.height <= 512 else 1

    def grid(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the coordinates of the panorama: x `(P, 1, 3W + 1)` and y `(1, H, 1)`."""
        columns = np.arange(3 * self.width + 1) + 0.5
        shifts = np.arange(self.phases)[:, None, None] / self.phases
        x = ((columns + shifts) / self.width - 1) * self.aspect
        return x, (np.arange(self.height)[None, :, None] + 0.5) / self.height


@lru_cache(maxsize=4)
def panorama(scene: str, tints: tuple[int, ...], textured: bool, size: Size) -> Picture:
    """Return the panorama `(P, 3, H, 3W + 1)`, 0 to 255, sampled at P sub-pixel offsets.

    Args:
        scene: One of the grammar's scenes.
        tints: Indices of the landmarks' tints; empty for no landmarks.
        textured: Whether sky and ground have texture.
        size: Size of a view; the panorama is three views wide.
    """
    ground = _ground(scene, textured, size)
    if not tints:
        return ground
    picture = ground.copy()
    for columns, number, shade, covered in _cutouts(scene, size):
        colour = (_TINTS[tints[number]] * np.float32(shade))[:, None, None]
        place = picture[..., columns]
        place += covered * (colour - place)
    picture.setflags(write=False)
    return picture


@lru_cache(maxsize=2 * len(SCENES))
def _ground(scene: str, textured: bool, size: Size) -> Picture:
    x, y = size.grid()
    picture = backdrop(scene, x, y, size.height, textured).astype(np.float32)
    picture = np.ascontiguousarray(picture.swapaxes(0, 1))
    picture.setflags(write=False)
    return picture


@lru_cache(maxsize=len(SCENES))
def _cutouts(scene: str, size: Size) -> list[tuple[slice, int, float, Picture]]:
    """Return columns, landmark, shade and cover `(P, 1, H, w)` of each part of each landmark."""
    x, y = size.grid()
    found = []
    for number, landmark in enumerate(LANDMARKS[scene]):
        middle = landmark.x * size.aspect
        near = np.flatnonzero(np.abs(x[0, 0] - middle) < landmark.half + 2 / size.height)
        if not len(near):
            continue
        columns = slice(int(near[0]), int(near[-1]) + 1)
        up = SCENES[scene].horizon + landmark.foot - y
        for part in landmark.parts:
            edge = part.distance(x[..., columns] - middle, up)
            covered = cover(edge, size.height).astype(np.float32)
            found.append((columns, number, part.shade, covered[:, None]))
    return found
