"""The five shapes and their patterns, as signed distances: negative inside."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

RADIUS = 0.17  # radius of the bounding circle of a shape, in view heights
_SQUARE = 0.137  # half of its side
_RING = (0.125, 0.045)  # radius of its centre line, half of its width
_CROSS = (0.160, 0.058)  # half of its length, half of its width
_TRIANGLE = (0.165, 0.130, 0.158)  # distances of apex and base from the centre, half of its base
_STRIPES = (0.112, 0.024)  # period, half of a stripe's width
# Radius and centres of the spots on each shape, to be mirrored; none touches the outline.
_SPOTS = {
    "disc": (0.030, ((0.0, 0.0), (0.075, 0.075))),
    "square": (0.030, ((0.0, 0.0), (0.075, 0.075))),
    "triangle": (0.029, ((0.0, -0.060), (0.067, 0.065))),
    "ring": (0.028, ((0.125, 0.0), (0.0, 0.125))),
    "cross": (0.028, ((0.0, 0.0), (0.104, 0.0), (0.0, 0.104))),
}

Plane = NDArray[Any]  # float32 or float64


def distance(shape: str, x: Plane, y: Plane) -> Plane:
    """Return the signed distance from a shape's edge in view heights.

    Args:
        shape: One of the grammar's shapes.
        x: Coordinates to the right of its centre; broadcasts with `y`.
        y: Coordinates below its centre.
    """
    return _DISTANCES[shape](x, y)


def dark(shape: str, pattern: str, x: Plane, y: Plane) -> Plane | None:
    """Return the signed distance from the dark parts of a pattern; None for a solid one."""
    if pattern == "striped":
        period, half = _STRIPES
        along = (x + y) * float(np.sqrt(0.5))  # diagonal, unlike the edges of all shapes
        off: Plane = np.abs(along - np.round(along * (1 / period)) * period)
        return off - half
    if pattern == "spotted":
        radius, spots = _SPOTS[shape]
        x, y = np.abs(x), y if shape == "triangle" else np.abs(y)
        nearest = (np.square(x - a) + np.square(y - b) for a, b in spots)
        off = np.sqrt(reduce(np.minimum, nearest))
        return off - radius
    return None


def cover(distances: Plane, scale: float) -> Plane:
    """Return the share of each pixel that is inside, for `scale` pixels per view height."""
    share: Plane = np.clip(0.5 - distances * scale, 0, 1)
    return share


def _disc(x: Plane, y: Plane) -> Plane:
    return _length(x, y) - RADIUS


def _square(x: Plane, y: Plane) -> Plane:
    return _larger(np.abs(x), np.abs(y)) - _SQUARE


def _triangle(x: Plane, y: Plane) -> Plane:
    top, foot, half = _TRIANGLE
    slant = float(np.hypot(half, top + foot))
    side = np.abs(x) * ((top + foot) / slant) - (y + top) * (half / slant)
    return _larger(side, y - foot)


def _ring(x: Plane, y: Plane) -> Plane:
    middle, half = _RING
    return np.abs(_length(x, y) - middle) - half


def _cross(x: Plane, y: Plane) -> Plane:
    (long, broad), x, y = _CROSS, np.abs(x), np.abs(y)
    across = _larger(x - long, y - broad)
    return np.minimum(across, _larger(x - broad, y - long))


def _length(x: Plane, y: Plane) -> Plane:
    length: Plane = np.sqrt(x * x + y * y)
    return length


def _larger(a: Plane, b: Plane) -> Plane:
    return np.maximum(a, b)


_DISTANCES: dict[str, Callable[[Plane, Plane], Plane]] = {
    "disc": _disc,
    "square": _square,
    "triangle": _triangle,
    "ring": _ring,
    "cross": _cross,
}
