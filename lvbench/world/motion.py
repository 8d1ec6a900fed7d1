"""Motion of characters: constant velocity with reflection at the walls of a box.

The path along an axis is a triangle wave, so that any time can be evaluated directly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import MOST_CAST
from lvbench.world.random_numbers import MOTION, uniforms
from lvbench.world.shapes import RADIUS

SLOWEST, FASTEST = 0.22, 0.42  # view heights per second
_AXIS = np.deg2rad(18)  # smallest angle between a path and an axis
_AXES = (("left", "right"), ("top", "bottom"))

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bounce:
    """Time since the shot's start at which a cast member hits a wall."""

    since: float
    member: int
    wall: str


@dataclass(frozen=True, slots=True)
class BounceOnset:
    """A bounce of a character off a wall, which starts a note.

    Attributes:
        time: Seconds since the clip's start.
        identity: The character's number.
        wall: `left`, `right`, `top` or `bottom`, of the home view.
    """

    time: float
    identity: int
    wall: str


@dataclass(frozen=True, slots=True)
class Trajectories:
    """Trajectories of the cast of one shot; x to the right, y down, in view heights.

    Attributes:
        size: Width and height of the box of the centres, whose corner is at `RADIUS`.
        start: Positions at the shot's start within the box, `(3, 2)`.
        velocity: Velocities at the shot's start per second, `(3, 2)`.
    """

    size: Array
    start: Array
    velocity: Array

    @classmethod
    def draw(cls, seed: int, shot: int, aspect: float) -> Trajectories:
        """Return random trajectories for the cast of a shot."""
        size = np.array([aspect, 1.0]) - 2 * RADIUS
        numbers = uniforms(5 * MOST_CAST, seed, MOTION, shot).reshape(MOST_CAST, 5)
        speed = SLOWEST + numbers[:, 2] * (FASTEST - SLOWEST)
        turn = _AXIS + numbers[:, 3] * (np.pi / 2 - 2 * _AXIS)
        turn += np.floor(4 * numbers[:, 4]) * (np.pi / 2)
        direction = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return cls(size, numbers[:, :2] * size, speed[:, None] * direction)

    def centres(self, since: Array) -> Array:
        """Return the centres `(T, 3, 2)` on the panorama, whose home view begins at 0."""
        way = self._unfolded(since) % (2 * self.size)
        return RADIUS + self.size - np.abs(way - self.size)

    def velocities(self, since: Array) -> Array:
        """Return the velocities `(T, 3, 2)` per second."""
        back = self._unfolded(since) % (2 * self.size) >= self.size
        return np.where(back, -self.velocity, self.velocity)

    def bounces(self, members: int, start: float, stop: float) -> list[Bounce]:
        """Return the bounces of the first `members` in [start, stop), in order of time."""
        found = []
        for member in range(members):
            for axis, walls in enumerate(_AXES):
                size, speed = self.size[axis], self.velocity[member, axis]
                ends = (self.start[member, axis] + speed * np.array([start, stop])) / size
                # The unfolded path hits a wall at each multiple of the size; odd ones: far wall.
                for wall in range(int(np.floor(ends.min())), int(np.ceil(ends.max())) + 1):
                    since = float((wall * size - self.start[member, axis]) / speed)
                    if start <= since < stop:
                        found.append(Bounce(since, member, walls[wall % 2]))
        return sorted(found, key=lambda bounce: (bounce.since, bounce.member, bounce.wall))

    def _unfolded(self, since: Array) -> Array:
        return self.start + self.velocity * since[:, None, None]
