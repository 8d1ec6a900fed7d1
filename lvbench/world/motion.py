"""How characters move: straight on at constant velocity, thrown back by the walls of a box.

Along one axis the way is a triangle wave, so that any moment can be asked for at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import MOST_CAST
from lvbench.world.random_numbers import MOTION, uniforms
from lvbench.world.shapes import RADIUS

SLOWEST, FASTEST = 0.22, 0.42  # view heights per second
_AXIS = np.deg2rad(18)  # the least angle between a way and an axis
_AXES = (("left", "right"), ("top", "bottom"))

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bounce:
    """Say when, after the shot's start, a member of the cast met which wall."""

    since: float
    member: int
    wall: str


@dataclass(frozen=True, slots=True)
class BounceOnset:
    """Say when which character bounced off which wall.

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
    """Say how the members of one shot's cast move; x to the right, y down, in view heights.

    Attributes:
        size: Width and height of the box in which the centres move; it begins at `RADIUS`.
        start: Places at the shot's start within the box, `(3, 2)`.
        velocity: Velocities at the shot's start per second, `(3, 2)`.
    """

    size: Array
    start: Array
    velocity: Array

    @classmethod
    def draw(cls, seed: int, shot: int, aspect: float) -> Trajectories:
        """Return the ways of the cast of the shot of that number."""
        size = np.array([aspect, 1.0]) - 2 * RADIUS
        numbers = uniforms(5 * MOST_CAST, seed, MOTION, shot).reshape(MOST_CAST, 5)
        speed = SLOWEST + numbers[:, 2] * (FASTEST - SLOWEST)
        turn = _AXIS + numbers[:, 3] * (np.pi / 2 - 2 * _AXIS)
        turn += np.floor(4 * numbers[:, 4]) * (np.pi / 2)
        direction = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return cls(size, numbers[:, :2] * size, speed[:, None] * direction)

    def centres(self, since: Array) -> Array:
        """Return the centres `(T, 3, 2)` on the stage, whose home view begins at 0."""
        way = self._unfolded(since) % (2 * self.size)
        return RADIUS + self.size - np.abs(way - self.size)

    def velocities(self, since: Array) -> Array:
        """Return the velocities `(T, 3, 2)` per second."""
        back = self._unfolded(since) % (2 * self.size) >= self.size
        return np.where(back, -self.velocity, self.velocity)

    def bounces(self, members: int, start: float, stop: float) -> list[Bounce]:
        """Return the bounces of the first `members` in [start, stop), in the order of time."""
        found = []
        for member in range(members):
            for axis, walls in enumerate(_AXES):
                size, speed = self.size[axis], self.velocity[member, axis]
                ends = (self.start[member, axis] + speed * np.array([start, stop])) / size
                # The unfolded way meets a wall at each multiple of the size, odd ones far off.
                for wall in range(int(np.floor(ends.min())), int(np.ceil(ends.max())) + 1):
                    since = float((wall * size - self.start[member, axis]) / speed)
                    if start <= since < stop:
                        found.append(Bounce(since, member, walls[wall % 2]))
        return sorted(found, key=lambda bounce: (bounce.since, bounce.member, bounce.wall))

    def _unfolded(self, since: Array) -> Array:
        return self.start + self.velocity * since[:, None, None]
