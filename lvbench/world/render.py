"""Render consecutive frames of one shot; each frame depends on its own time only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import Character
from lvbench.world.palette import HUE_RGB, INK
from lvbench.world.panorama import Picture, Size
from lvbench.world.scenery import POST_HALF, SCENES
from lvbench.world.shapes import RADIUS, Plane, cover, dark, distance

Array = NDArray[np.float64]


def draw_view(panorama: Picture, camera: Array, size: Size) -> Picture:
    """Return views of a panorama `(T, 3, H, W)`.

    Args:
        panorama: From `panorama`.
        camera: Positions `(T,)` in view widths.
        size: Size of the view.
    """
    phases, width = len(panorama), size.width
    views = np.empty((len(camera), 3, size.height, width), np.float32)
    whole = np.floor((camera + 1) * (width * phases))
    shares = ((camera + 1) * (width * phases) - whole).astype(np.float32)
    for view, fine, share in zip(views, whole.astype(int), shares, strict=True):
        column, phase = divmod(int(fine), phases)
        view[:] = panorama[phase, :, :, column : column + width]
        if share > 0:
            column, phase = divmod(int(fine) + 1, phases)
            view += share * (panorama[phase, :, :, column : column + width] - view)
    return views


def draw_character(views: Picture, member: Character, centres: Array, size: Size) -> None:
    """Draw a character on the views, with its centres `(T, 2)` in view heights."""
    scale = np.array([size.width / size.aspect, size.height])
    patch = int(np.ceil(2 * RADIUS * scale.max())) + 3
    corners = np.floor(centres * scale - patch / 2).astype(int)
    near = np.all((corners > -patch) & (corners < (size.width, size.height)), axis=1)
    frames = np.flatnonzero(near)
    if not len(frames):
        return
    corners = corners[frames]
    places = (corners[:, None] + (np.arange(patch) + 0.5)[:, None]) / scale
    places = (places - centres[frames, None]).astype(np.float32)
    covered, painted = paint(member, places[:, None, :, 0], places[:, :, None, 1], size.height)
    spared = 1 - covered
    for row, frame in enumerate(frames):
        left, top = corners[row].tolist()
        rows = slice(max(0, -top), size.height - top)
        columns = slice(max(0, -left), size.width - left)
        below = views[frame, :, max(0, top) : top + patch, max(0, left) : left + patch]
        below *= spared[row, rows, columns]
        below += painted[row, :, rows, columns]


def draw_posts(views: Picture, scene: str, camera: Array, size: Size) -> None:
    """Draw the scene's occluders on the views."""
    colour = np.array(SCENES[scene].post, np.float32)[:, None, None]
    columns = (np.arange(size.width) + 0.5) / size.width
    for post in SCENES[scene].posts:
        x = ((columns + camera[:, None] - post) * size.aspect).astype(np.float32)
        covered = cover(np.abs(x) - POST_HALF, size.height)[:, None, None]
        if covered.any():
            # Shaded, so that it looks round, unlike a stripe of a pattern.
            shade = np.clip(1.1 - x * (0.3 / POST_HALF), 0.8, 1.4)[:, None, None]
            views *= 1 - covered
            views += covered * shade * colour


def developed(views: Picture, gain: Array) -> NDArray[np.uint8]:
    """Return the pictures `uint8 (T, H, W, 3)` of views under light gains `(T, 3)`."""
    lit = views * gain.astype(np.float32)[:, :, None, None]
    lit += 0.5
    pictures = np.empty((len(views), *views.shape[2:], 3), np.uint8)
    pictures[:] = lit.astype(np.uint8).transpose(0, 2, 3, 1)
    return pictures


_OUTLINE = 0.014  # breadth in view heights


def paint(
    character: Character, x: NDArray[np.float32], y: NDArray[np.float32], scale: float
) -> tuple[Plane, Plane]:
    """Return the coverage and the colour of a character: its hue, with outline and pattern in ink.

    Args:
        character: The character.
        x: Coordinates to the right of its centre in view heights, `(T, 1, W)`.
        y: Coordinates below its centre, `(T, H, 1)`.
        scale: Pixels per view height.

    Returns:
        The coverage of each pixel `(T, H, W)`, and the colour times the coverage `(T, 3, H, W)`,
        0 to 255.
    """
    edge = distance(character.shape, x, y)
    covered = cover(edge, scale)
    bright = cover(edge + _OUTLINE, scale)
    shade = dark(character.shape, character.pattern, x, y)
    if shade is not None:
        bright = bright * (1 - cover(shade, scale))
    ink = np.array(INK, np.float32)[:, None, None]
    colour = np.array(HUE_RGB[character.hue], np.float32)[:, None, None]
    return covered, covered[:, None] * ink + bright[:, None] * (colour - ink)


def picture(character: Character, size: int) -> NDArray[np.uint8]:
    """Return the character filling a square of `size` pixels: `uint8 (size, size, 4)` RGBA.

    Uncovered pixels are 0 in all channels.
    """
    scale = size / (2 * RADIUS)
    place = ((np.arange(size) + 0.5) / scale - RADIUS).astype(np.float32)
    covered, painted = paint(character, place[None, None], place[None, :, None], scale)
    share = covered[0]
    colour = painted[0] / np.maximum(share, 1e-6)
    rgba = np.concatenate([colour, 255 * share[None]]) * (share > 0)
    pixels: NDArray[np.uint8] = (rgba + 0.5).astype(np.uint8).transpose(1, 2, 0)
    return pixels
