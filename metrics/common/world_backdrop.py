"""What a view of the world shows behind its characters: its light, its landmarks' tints."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lvbench.features.world.world_view import SIDE
from lvbench.metrics.common.world_order import Moment
from lvbench.world.landmarks import LANDMARKS, Landmark
from lvbench.world.palette import TINTS
from lvbench.world.scenery import POST_HALF, SCENES, backdrop

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]
Core = tuple[NDArray[np.bool_], Floats]  # pixels of a landmark, and their shade

MOST_LANDMARKS = max(map(len, LANDMARKS.values()))
BARE = len(TINTS)
"""Tint of a landmark in whose place sky and ground are seen."""
HIDDEN = -1
"""Tint of a landmark that something is in front of."""
OUT = -2
"""Tint of a landmark that is out of the view."""

_TINTS = np.array(list(TINTS.values()), np.float64)
_NEAR = 30.0  # levels at noon within which a place has the expected colour
_FEWEST = 6  # pixels of a landmark that must be in the view
_EDGE = 0.7  # pixels at a landmark's edge that are ignored
_STEP = 0.005  # view widths to which the camera is rounded


def measured_gain(picture: Picture, scene: str) -> Floats:
    """Return the gains `(3,)` of the light, measured on the sky and ground of a scene.

    It is the median over the picture's pixels of their level over the bare backdrop's at noon:
    whatever is in front covers less than half of it.
    """
    return np.asarray(np.median(picture / _bare(scene), axis=(0, 1)), np.float64)


def tints_seen(picture: Picture, moment: Moment) -> NDArray[np.int64]:
    """Return the number of each landmark's tint, `BARE`, `HIDDEN` or `OUT`: `(8,)`.

    Args:
        picture: `uint8 (48, 48, 3)`; aspect 1 is assumed.
        moment: What is ordered: scene and camera give the places of landmarks.
    """
    scene = moment.shot.scene
    found = np.full(MOST_LANDMARKS, OUT, np.int64)
    gain = measured_gain(picture, scene)
    for number, core in enumerate(_cores(scene, round(moment.camera / _STEP))):
        if core is None:
            continue
        inside, shade = core
        seen = picture[inside].astype(np.float64)
        wanted = [shade[:, None] * tint for tint in _TINTS] + [_bare(scene)[inside]]
        # Medians: a character or an occluder may cover a part.
        off = [np.median(np.abs(seen - colours * gain).mean(axis=1)) for colours in wanted]
        near = min(off) <= _NEAR * gain.mean()
        found[number] = int(np.argmin(off)) if near else HIDDEN
    return found


@lru_cache(maxsize=len(SCENES))
def _bare(scene: str) -> Floats:
    """Return sky and ground at noon, `(48, 48, 3)`."""
    _, y = _places(0.0)
    column = backdrop(scene, np.zeros((1, 1, 1)), y[None], SIDE, textured=False)
    return np.repeat(column[:, 0].transpose(1, 2, 0), SIDE, axis=1)


@lru_cache(maxsize=512)
def _cores(scene: str, step: int) -> list[Core | None]:
    """Return for each landmark which pixels are well within it and their shade, None if too few."""
    x, y = _places(step * _STEP)
    look = SCENES[scene]
    # Where occluders may be: no clip shows what is behind them.
    hidden = np.any([np.abs(x - post) < POST_HALF + 0.5 / SIDE for post in look.posts], axis=0)
    cores = (_core(landmark, x, look.horizon - y) for landmark in LANDMARKS[scene])
    return [_seen(core, hidden) for core in cores]


def _seen(core: Core | None, hidden: NDArray[np.bool_]) -> Core | None:
    if core is None:
        return None
    inside, shade = core[0] & ~hidden, core[1]
    return (inside, shade[inside]) if inside.sum() >= _FEWEST else None


def _core(landmark: Landmark, x: Floats, up: Floats) -> Core | None:
    """Return which pixels are well within a landmark, and their shade; None where it is cut off."""
    inside, shade = np.zeros((SIDE, SIDE), np.bool_), np.zeros((SIDE, SIDE))
    for part in landmark.parts:
        edge = part.distance(x - landmark.x, up + landmark.foot) * SIDE
        inside = np.where(np.abs(edge) < _EDGE, False, inside | (edge < 0))
        shade = np.where(edge < 0, part.shade, shade)
    half = landmark.half * SIDE  # its breadth must be in the view, but for a pixel
    middle = (landmark.x - x[0, 0]) * SIDE
    return (inside, shade) if half - 1 <= middle <= SIDE - half + 1 else None


def _places(camera: float) -> tuple[Floats, Floats]:
    """Return the places of the view's pixels on the stage: x `(1, 48)` and y `(48, 1)`."""
    middles = (np.arange(SIDE) + 0.5) / SIDE
    return middles[None] + camera, middles[:, None]
