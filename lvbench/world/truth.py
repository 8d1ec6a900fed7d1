"""Ground truth of frames: what is where, where it goes and what becomes hidden.

Everything is evaluated at the middles of pixels, from the same closed forms as the pictures. A
thing owns a pixel whose middle lies within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import MOST_CAST, SCENES
from lvbench.world.moment import Mask, instances, moments, onward
from lvbench.world.onsets import Onset

if TYPE_CHECKING:
    from lvbench.world.world import World

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """Say what T frames show. In pixels, x to the right and y down; a middle is a whole number.

    Attributes:
        ids: `uint8 (T, H, W)`, what is in front: 0 sky or ground, 1 to 3 the member of the shot's
            cast, 4 + the landmark, 32 + the occluder.
        members: `int64 (T, 3)`, the cast's identity numbers; -1 where there is no member.
        visible: `float64 (T, 3)`, pixels seen of a member over those of its whole shape; 0 where
            there is no member.
        centres: `float64 (T, 3, 2)`, of the members in the view; 0 where there is no member.
        velocities: `float64 (T, 3, 2)`, of the members on the stage (without the camera's), in
            pixels per second.
        flow: `float32 (T, H, W, 2)`, from each middle to where that point is in the next frame;
            0 before a cut.
        occluded: `bool (T, H, W)`, whether that point is hidden, out of view or cut away in the
            next frame.
        camera: `float64 (T,)`, how far the view is to the right of the home view, in view widths.
        scene: `int64 (T,)`, index in the grammar's scenes.
        shot: `int64 (T,)`, the shot's number.
        gain: `float64 (T, 3)`, gains of the light.
        cuts: Seconds of the cuts within the range: frames from there on belong to another shot.
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
    onsets: list[Onset]


def truth(world: World, start: int, stop: int, width: int, height: int) -> Truth:
    """Return the truth of the frames [start, stop); see `World.truth`."""
    size = world.size(width, height)
    world.timeline.check(start, stop)
    # The frame after the last one tells where the last one's points go.
    frames = list(moments(world, start, stop + 1))
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
        scene=np.array([SCENES.index(m.shot.scene) for m in frames[:-1]], np.int64),
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
