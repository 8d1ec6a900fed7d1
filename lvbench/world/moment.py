"""What is in front at each pixel of one frame, and where it is in the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import MOST_CAST, Shot
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.scenery import POST_HALF, SCENES
from lvbench.world.shapes import RADIUS, distance
from lvbench.world.stage import Size

if TYPE_CHECKING:
    from lvbench.world.world import World

BACKGROUND, FIRST_MEMBER, FIRST_LANDMARK, FIRST_POST = 0, 1, 4, 32

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moment:
    """Say what one frame is drawn from; lengths in view heights on the stage."""

    index: int
    shot: Shot
    camera: float
    centres: Array
    velocities: Array
    gain: Array


def moments(world: World, start: int, stop: int) -> Iterator[Moment]:
    """Yield the frames [start, stop)."""
    for run in world.timeline.runs(start, stop):
        ways = world.ways(run.index)
        centres, velocities = ways.centres(run.since), ways.velocities(run.since)
        for values in zip(run.camera.tolist(), centres, velocities, run.gain, strict=True):
            yield Moment(run.index, run.shot, *values)


def _grid(camera: float, size: Size) -> tuple[Array, Array]:
    """Return the middles of the view's pixels on the stage: x `(1, W)`, y `(H, 1)`."""
    x = ((np.arange(size.width) + 0.5) / size.width + camera) * size.aspect
    return x[None], (np.arange(size.height)[:, None] + 0.5) / size.height


def instances(now: Moment, size: Size, level: int) -> tuple[NDArray[np.uint8], Array]:
    """Return what is in front at each pixel, and how much is seen of each member."""
    x, y = _grid(now.camera, size)
    ids = np.zeros((size.height, size.width), np.uint8)
    if level > 0:
        for number, landmark in enumerate(LANDMARKS[now.shot.scene]):
            off = x[0] - landmark.x * size.aspect
            near = np.flatnonzero(np.abs(off) < landmark.half)
            if len(near):
                columns = slice(near[0], near[-1] + 1)
                up = SCENES[now.shot.scene].horizon + landmark.foot - y
                inside = [part.distance(off[None, columns], up) < 0 for part in landmark.parts]
                ids[:, columns][np.any(inside, axis=0)] = FIRST_LANDMARK + number
    whole = np.zeros(MOST_CAST)
    for place in reversed(range(len(now.shot.cast))):
        whole[place] = _lay(ids, now, place, size)
    if level > 1:
        for number, post in enumerate(_posts(now.shot, x, size)):
            ids[:, post[0]] = FIRST_POST + number
    seen = np.bincount(ids.ravel(), minlength=MOST_CAST + 1)[FIRST_MEMBER:][:MOST_CAST]
    return ids, seen / np.maximum(whole, 1)


def _lay(ids: NDArray[np.uint8], now: Moment, place: int, size: Size) -> int:
    """Lay a member over the ids; return how many pixels its whole shape has."""
    scale = np.array([size.width / size.aspect, size.height])
    centre = now.centres[place] - (now.camera * size.aspect, 0)
    reach = np.ceil(RADIUS * scale).astype(int) + 1
    left, top = (np.floor(centre * scale).astype(int) - reach).tolist()
    wide, high = (2 * reach + 1).tolist()
    x = (np.arange(left, left + wide) + 0.5) / scale[0] - centre[0]
    y = (np.arange(top, top + high) + 0.5) / scale[1] - centre[1]
    inside = distance(now.shot.cast[place].shape, x[None], y[:, None]) < 0
    rows = slice(min(max(0, -top), high), max(0, size.height - top))
    columns = slice(min(max(0, -left), wide), max(0, size.width - left))
    below = ids[max(0, top) : max(0, top + high), max(0, left) : max(0, left + wide)]
    below[inside[rows, columns]] = FIRST_MEMBER + place
    return int(inside.sum())


def onward(
    now: Moment, after: Moment, ids: NDArray[np.uint8], size: Size, level: int
) -> tuple[Array, Mask]:
    """Return the way of each pixel's point to the next frame, and whether it is hidden there."""
    steps = np.zeros((256, 2))
    steps[FIRST_MEMBER : FIRST_MEMBER + MOST_CAST] = after.centres - now.centres
    steps = steps[ids]
    x, y = _grid(now.camera, size)
    x, y = x + steps[..., 0], y + steps[..., 1]
    # How many members are before the thing: all of them before sky, ground and landmarks.
    before = np.full(256, MOST_CAST)
    before[FIRST_MEMBER : FIRST_MEMBER + MOST_CAST] = range(MOST_CAST)
    before[FIRST_POST:] = 0
    before = before[ids]
    across = x - after.camera * size.aspect
    hidden = (across < 0) | (across > size.aspect) | (y < 0) | (y > 1)
    for place, member in enumerate(after.shot.cast):
        centre = after.centres[place]
        inside = distance(member.shape, x - centre[0], y - centre[1]) < 0
        hidden |= inside & (before > place)
    if level > 1:
        for post in _posts(after.shot, x, size):
            hidden |= post & (ids < FIRST_POST)
    steps[..., 0] -= (after.camera - now.camera) * size.aspect
    return steps * (size.width / size.aspect, size.height), hidden


def _posts(shot: Shot, x: Array, size: Size) -> list[Mask]:
    """Return for each occluder whether it stands at the places x of the stage."""
    posts = SCENES[shot.scene].posts
    return [np.abs(x - post * size.aspect) < POST_HALF for post in posts]
