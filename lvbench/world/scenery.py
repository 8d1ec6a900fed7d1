"""The six scenes: sky and ground, their texture, and the occluders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """Colours of a scene, from the top of the view down, and its occluders.

    Attributes:
        horizon: Distance of the horizon from the top of the view.
        sky: Colours at the top and just above the horizon.
        ground: Colours just below the horizon and at the bottom.
        posts: Centres of the occluders in view widths from the home view's left edge.
        post: Their colour.
    """

    horizon: float
    sky: tuple[RGB, RGB]
    ground: tuple[RGB, RGB]
    posts: tuple[float, ...]
    post: RGB


POST_HALF = 0.06  # half of an occluder's width in view heights
SCENES: dict[str, Scene] = {
    "meadow": Scene(
        0.60, ((146, 178, 202), (196, 210, 214)), ((138, 162, 104), (96, 124, 74)),
        (0.64,), (92, 74, 58),
    ),
    "harbour": Scene(
        0.50, ((136, 152, 172), (186, 194, 198)), ((76, 124, 134), (46, 84, 100)),
        (0.30, 0.78), (66, 62, 62),
    ),
    "desert": Scene(
        0.64, ((200, 190, 170), (222, 204, 172)), ((196, 160, 108), (164, 126, 82)),
        (0.40,), (108, 84, 68),
    ),
    "city": Scene(
        0.72, ((116, 116, 136), (172, 160, 162)), ((92, 90, 96), (66, 64, 72)),
        (0.24, 0.70), (44, 48, 56),
    ),
    "snow": Scene(
        0.56, ((152, 168, 190), (196, 204, 214)), ((232, 234, 236), (206, 214, 226)),
        (0.58,), (84, 72, 72),
    ),
    "forest": Scene(
        0.66, ((58, 84, 76), (98, 122, 100)), ((88, 78, 56), (58, 50, 38)),
        (0.26, 0.80), (52, 42, 34),
    ),
}  # fmt: skip
# Waves of the texture: per view height across and down, and the phase.
_CLOUDS = ((1.3, 3.1, 0.4), (2.9, -4.3, 2.1), (0.6, 7.7, 4.0))
_SOIL = ((4.7, 6.3, 1.2), (-7.9, 3.7, 0.3), (2.3, 12.1, 5.1))
_CONTRAST = 6.0  # levels per wave

Plane = NDArray[np.float64]


def backdrop(scene: str, x: Plane, y: Plane, scale: float, textured: bool) -> Plane:
    """Return sky and ground `(3, ...)`, 0 to 255, at x (across) and y (below the top)."""
    look = SCENES[scene]
    above = np.clip(y / look.horizon, 0, 1)
    below = np.clip((y - look.horizon) / (1 - look.horizon), 0, 1)
    ground = np.clip(0.5 + (y - look.horizon) * scale, 0, 1)
    picture = (1 - ground) * _blend(look.sky, above) + ground * _blend(look.ground, below)
    picture = picture + np.zeros_like(x)
    if textured:
        picture = picture + _waves(_CLOUDS, x, y) * (1 - ground) + _waves(_SOIL, x, y) * ground
    levels: Plane = np.clip(picture, 0, 255)
    return levels


def _blend(colours: tuple[RGB, RGB], share: Plane) -> Plane:
    first, last = (np.array(colour, float)[:, None, None, None] for colour in colours)
    blend: Plane = first + (last - first) * share
    return blend


def _waves(waves: tuple[tuple[float, float, float], ...], x: Plane, y: Plane) -> Plane:
    angles = (2 * np.pi * (a * x + b * y) / 2 + phase for a, b, phase in waves)
    total: Plane = _CONTRAST * np.sum([np.sin(angle) for angle in angles], axis=0)
    return total
