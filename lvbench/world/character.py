"""How a character is painted: its hue, in an outline and a pattern of one dark ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import Character
from lvbench.world.palette import INK, hue_rgb
from lvbench.world.shapes import RADIUS, Plane, cover, dark, distance

_OUTLINE = 0.014  # breadth in view heights


def paint(
    character: Character, x: NDArray[np.float32], y: NDArray[np.float32], scale: float
) -> tuple[Plane, Plane]:
    """Return what a character covers and its colour there.

    Args:
        character: Who.
        x: Places to the right of its centre in view heights, `(T, 1, W)`.
        y: Places below its centre, `(T, H, 1)`.
        scale: Pixels per view height.

    Returns:
        The share of each pixel that is covered `(T, H, W)`, and the colour times that share
        `(T, 3, H, W)`, 0 to 255.
    """
    edge = distance(character.shape, x, y)
    covered = cover(edge, scale)
    bright = cover(edge + _OUTLINE, scale)
    shade = dark(character.shape, character.pattern, x, y)
    if shade is not None:
        bright = bright * (1 - cover(shade, scale))
    ink = np.array(INK, np.float32)[:, None, None]
    colour = np.array(hue_rgb(character.hue), np.float32)[:, None, None]
    return covered, covered[:, None] * ink + bright[:, None] * (colour - ink)


def picture(character: Character, size: int) -> NDArray[np.uint8]:
    """Return the character alone, filling a square of `size` pixels: `uint8 (size, size, 4)` RGBA.

    Where nothing is, red, green, blue and alpha are 0.
    """
    scale = size / (2 * RADIUS)
    place = ((np.arange(size) + 0.5) / scale - RADIUS).astype(np.float32)
    covered, painted = paint(character, place[None, None], place[None, :, None], scale)
    share = covered[0]
    colour = painted[0] / np.maximum(share, 1e-6)
    rgba = np.concatenate([colour, 255 * share[None]]) * (share > 0)
    pixels: NDArray[np.uint8] = (rgba + 0.5).astype(np.uint8).transpose(1, 2, 0)
    return pixels
