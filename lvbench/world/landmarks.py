"""Landmarks: composed of simple parts, at fixed places of each scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvbench.world.shapes import Plane


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a landmark; lengths in view heights, heights above the landmark's foot.

    Attributes:
        form: `box`, `wedge` (an upright triangle) or `dome` (half a disc).
        x: Centre, to the right of the landmark's centre.
        foot: Lower edge.
        half: Half of its width.
        height: Its height; a dome's height is half of its width.
        shade: Brightness, a factor of the landmark's tint.
    """

    form: str
    x: float
    foot: float
    half: float
    height: float
    shade: float

    def distance(self, x: Plane, up: Plane) -> Plane:
        """Return the signed distance from its edge, negative inside."""
        x, up = np.abs(x - self.x), up - self.foot
        if self.form == "wedge":
            side = (x * self.height + (up - self.height) * self.half) / np.hypot(
                self.half, self.height
            )
            edge: Plane = np.maximum(side, -up)
        elif self.form == "dome":
            edge = np.maximum(np.sqrt(x * x + up * up) - self.half, -up)
        else:
            edge = np.maximum(x - self.half, np.maximum(-up, up - self.height))
        return edge


_LIGHT, _MID, _DARK = 1.0, 0.78, 0.55
KINDS: dict[str, tuple[Part, ...]] = {
    "tower": (
        Part("box", 0, 0, 0.075, 0.42, _LIGHT),
        Part("box", 0, 0.38, 0.10, 0.06, _MID),
        Part("box", 0, 0.20, 0.025, 0.09, _DARK),
    ),
    "spire": (
        Part("box", 0, 0, 0.08, 0.24, _LIGHT),
        Part("wedge", 0, 0.24, 0.10, 0.26, _MID),
    ),
    "house": (
        Part("box", 0, 0, 0.15, 0.16, _LIGHT),
        Part("wedge", 0, 0.16, 0.19, 0.13, _MID),
        Part("box", 0, 0, 0.03, 0.09, _DARK),
    ),
    "tree": (
        Part("box", 0, 0, 0.025, 0.16, _DARK),
        Part("dome", 0, 0.20, 0.13, 0, _LIGHT),
        Part("box", 0, 0.14, 0.13, 0.09, _LIGHT),
    ),
    "pine": (
        Part("box", 0, 0, 0.02, 0.08, _DARK),
        Part("wedge", 0, 0.06, 0.13, 0.22, _MID),
        Part("wedge", 0, 0.18, 0.10, 0.22, _LIGHT),
    ),
    "rock": (
        Part("dome", -0.06, 0, 0.12, 0, _LIGHT),
        Part("dome", 0.09, 0, 0.08, 0, _MID),
    ),
    "mast": (
        Part("box", 0, 0, 0.016, 0.46, _DARK),
        Part("wedge", 0.07, 0.10, 0.09, 0.28, _LIGHT),
        Part("box", 0, 0, 0.13, 0.06, _MID),
    ),
    "cactus": (
        Part("box", 0, 0, 0.035, 0.30, _LIGHT),
        Part("box", -0.075, 0.12, 0.06, 0.045, _MID),
        Part("box", -0.115, 0.12, 0.022, 0.12, _MID),
        Part("box", 0.075, 0.06, 0.06, 0.045, _MID),
        Part("box", 0.115, 0.06, 0.022, 0.12, _MID),
    ),
    "block": (
        Part("box", 0, 0, 0.13, 0.34, _LIGHT),
        Part("box", -0.055, 0.20, 0.03, 0.07, _DARK),
        Part("box", 0.055, 0.20, 0.03, 0.07, _DARK),
        Part("box", -0.055, 0.06, 0.03, 0.07, _DARK),
        Part("box", 0.055, 0.06, 0.03, 0.07, _DARK),
    ),
}


@dataclass(frozen=True, slots=True)
class Landmark:
    """A landmark and its place: `x` in view widths from the home view's left edge."""

    kind: str
    x: float
    foot: float = 0.05

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return its parts, from back to front."""
        return KINDS[self.kind]

    @property
    def half(self) -> float:
        """Return half of its width in view heights."""
        return max(abs(part.x) + part.half for part in self.parts)


def _row(text: str) -> tuple[Landmark, ...]:
    """Return landmarks from `kind x, kind x, ...`."""
    pairs = (item.split() for item in text.split(","))
    return tuple(Landmark(kind, float(x)) for kind, x in pairs)


LANDMARKS: dict[str, tuple[Landmark, ...]] = {
    "meadow": _row(
        "tree -0.72, house -0.32, tree 0.18, spire 0.52, tree 0.84, house 1.28, rock 1.66"
    ),
    "harbour": _row("tower -0.66, mast -0.28, mast 0.20, house 0.66, mast 1.16, tower 1.60"),
    "desert": _row("cactus -0.62, rock -0.22, cactus 0.22, rock 0.72, cactus 1.20, tower 1.58"),
    "city": _row(
        "block -0.74, tower -0.42, block -0.06, spire 0.26,"
        "block 0.58, tower 0.92, block 1.26, spire 1.62"
    ),
    "snow": _row("house -0.60, pine -0.18, pine 0.22, rock 0.74, pine 1.18, house 1.58"),
    "forest": _row(
        "pine -0.74, tree -0.36, pine 0.04, tree 0.40, pine 0.76, rock 1.12, tree 1.46, pine 1.74"
    ),
}
