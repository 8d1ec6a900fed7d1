"""Ground truth of frames: instances, flow and occlusion.

Everything is evaluated at pixel centres, from the same closed forms as the pictures. A pixel
belongs to the instance that covers its centre.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.world import grammar
from lvbench.world.grammar import MOST_CAST, Shot
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.motion import BounceOnset
from lvbench.world.panorama import Size
from lvbench.world.scenery import POST_HALF, SCENES
from lvbench.world.shapes import RADIUS, distance

if TYPE_CHECKING:
    from lvbench.world.world import World

BACKGROUND, FIRST_MEMBER, FIRST_LANDMARK, FIRST_POST = 0, 1, 4, 32

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FrameState:
    """State from which one frame is drawn; lengths in view heights on the panorama."""

    index: int
    shot: Shot
    camera: float
    centres: Array
    velocities: Array
    gain: Array


def frame_states(world: World, start: int, stop: int) -> Iterator[FrameState]:
    """Yield the states of the frames [start, stop)."""
    for run in world.timeline.runs(start, stop):
        trajectories = world.trajectories(run.index)
        centres, velocities = trajectories.centres(run.since), trajectories.velocities(run.since)
        for values in zip(run.camera.tolist(), centres, velocities, run.gain, strict=True):
            yield FrameState(run.index, run.shot, *values)


def _grid(camera: float, size: Size) -> tuple[Array, Array]:
    """Return the pixel centres of the view on the panorama: x `(1, W)`, y `(H, 1)`."""
    x = ((np.arange(size.width) + 0.5) / size.width + camera) * size.aspect
    return x[None], (np.arange(size.height)[:, None] + 0.5) / size.height


def instances(now: FrameState, size: Size, level: int) -> tuple[NDArray[np.uint8], Array]:
    """Return the frontmost instance at each pixel, and the visible share of each member."""
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
    complete = np.zeros(MOST_CAST)
    for place in reversed(range(len(now.shot.cast))):
        complete[place] = _lay(ids, now, place, size)
    if level > 1:
        for number, post in enumerate(_posts(now.shot, x, size)):
            ids[:, post[0]] = FIRST_POST + number
    seen = np.bincount(ids.ravel(), minlength=MOST_CAST + 1)[FIRST_MEMBER:][:MOST_CAST]
    return ids, seen / np.maximum(complete, 1)


def _lay(ids: NDArray[np.uint8], now: FrameState, place: int, size: Size) -> int:
    """Draw a member into the ids; return the number of pixels of its complete shape."""
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
    now: FrameState, after: FrameState, ids: NDArray[np.uint8], size: Size, level: int
) -> tuple[Array, Mask]:
    """Return the flow of each pixel to the next frame, and whether its point is hidden there."""
    steps = np.zeros((256, 2))
    steps[FIRST_MEMBER : FIRST_MEMBER + MOST_CAST] = after.centres - now.centres
    steps = steps[ids]
    x, y = _grid(now.camera, size)
    x, y = x + steps[..., 0], y + steps[..., 1]
    # Number of members in front of an instance: all for sky, ground and landmarks.
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
    """Return for each occluder whether it covers the coordinates x of the panorama."""
    posts = SCENES[shot.scene].posts
    return [np.abs(x - post * size.aspect) < POST_HALF for post in posts]


@dataclass(frozen=True, slots=True)
class Truth:
    """Truth of T frames, in pixels: x to the right and y down; pixel centres are integers.

    Attributes:
        ids: `uint8 (T, H, W)`, the frontmost instance: 0 sky or ground, 1 to 3 the member of the
            shot's cast, 4 + the landmark, 32 + the occluder.
        members: `int64 (T, 3)`, the cast's identity numbers; -1 for no member.
        visible: `float64 (T, 3)`, visible pixels of a member over those of its complete shape; 0
            for no member.
        centres: `float64 (T, 3, 2)`, of the members in the view; 0 for no member.
        velocities: `float64 (T, 3, 2)`, of the members on the panorama (without the camera's), in
            pixels per second.
        flow: `float32 (T, H, W, 2)`, displacement of each pixel centre to the next frame; 0 before
            a cut.
        occluded: `bool (T, H, W)`, whether that point is hidden, out of view or cut away in the
            next frame.
        camera: `float64 (T,)`, offset to the right of the home view, in view widths.
        scene: `int64 (T,)`, index in the grammar's scenes.
        shot: `int64 (T,)`, index of the shot.
        gain: `float64 (T, 3)`, gains of the light.
        cuts: Times of the cuts within the range in seconds: first frames of another shot.
        onsets: The onsets within the range.
    """

    ids: NDArray[np.uint8]
    members: NDArray[np.int64]
    visible: Array
    centres: Array
    velocities: Array
    flow: NDArray[np.float32]
    occluded: Mask
    camera: Array
    scene: NDArray[np.int64]
    shot: NDArray[np.int64]
    gain: Array
    cuts: list[float]
    onsets: list[BounceOnset]


def truth(world: World, start: int, stop: int, width: int, height: int) -> Truth:
    """Return the truth of the frames [start, stop); see `World.truth`."""
    size = world.size(width, height)
    world.timeline.check(start, stop)
    # The frame after the last one gives the flow of the last one.
    frames = list(frame_states(world, start, stop + 1))
    count, shape = stop - start, (height, width)
    scale = np.array([width / size.aspect, height])
    first, last = start / world.fps, stop / world.fps
    found = Truth(
        ids=np.empty((count, *shape), np.uint8),
        members=np.full((count, MOST_CAST), -1),
        visible=np.zeros((count, MOST_CAST)),
        centres=np.zeros((count, MOST_CAST, 2)),
        velocities=np.zeros((count, MOST_CAST, 2)),
        flow=np.zeros((count, *shape, 2), np.float32),
        occluded=np.ones((count, *shape), np.bool_),
        camera=np.array([m.camera for m in frames[:-1]]),
        scene=np.array([grammar.SCENES.index(m.shot.scene) for m in frames[:-1]], np.int64),
        shot=np.array([m.index for m in frames[:-1]], np.int64),
        gain=np.array([m.gain for m in frames[:-1]]).reshape(count, 3),
        cuts=[shot.start for shot in world.shots[1:] if first <= shot.start < last],
        onsets=world.onsets(first, last),
    )
    for row, (now, after) in enumerate(pairwise(frames)):
        cast = len(now.shot.cast)
        away = np.array([now.camera * size.aspect, 0])
        found.members[row, :cast] = [member.number for member in now.shot.cast]
        found.centres[row, :cast] = ((now.centres - away) * scale - 0.5)[:cast]
        found.velocities[row, :cast] = (now.velocities * scale)[:cast]
        found.ids[row], found.visible[row] = instances(now, size, world.level)
        if after.index == now.index:
            flow, hidden = onward(now, after, found.ids[row], size, world.level)
            found.flow[row], found.occluded[row] = flow, hidden
    return found
