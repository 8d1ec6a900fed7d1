"""Worlds in which members of the cast are replaced while they move on as they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lvbench.generators.baselines.planted import Dose
from lvbench.world import camera
from lvbench.world.grammar import IDENTITIES, Character, Shot
from lvbench.world.world import World

_KEPT_WORLDS = 4
_TINY = 1e-9

Changes = dict[Character, Character]


class Recast:
    """Say which world a frame is of: the one that was ordered, or one with another cast.

    Args:
        world: The world that was ordered.
        doses: `swap` (so many members are others from a time on), `forget` (so many are others
            each time that the camera has been away).
        swap_at: Seconds at which `swap` begins.
    """

    def __init__(self, world: World, doses: Mapping[str, Dose], swap_at: float) -> None:
        self._world, self._swap_at = world, swap_at
        self._swapped = round(doses["swap"].value) if "swap" in doses else 0
        self._forgotten = round(doses["forget"].value) if "forget" in doses else 0
        self._with = lru_cache(_KEPT_WORLDS)(self._recast)

    def world_at(self, frame: int) -> World:
        """Return the world of a frame."""
        time, index = frame / self._world.fps, self._world.timeline.shot_at(frame)
        swapped = bool(self._swapped) and time >= self._swap_at - _TINY
        turn = self._returns(self._world.shots[index], time) if self._forgotten else 0
        return self._with(swapped, turn, index if turn else 0) if swapped or turn else self._world

    @property
    def forgets(self) -> bool:
        """Tell whether a camera leaves at all, so that something can be forgotten."""
        return any(shot.camera != "still" for shot in self._world.shots)

    def _returns(self, shot: Shot, time: float) -> int:
        """Return how often the shot's camera has been half-way through its time away."""
        if shot.camera == "still":
            return 0
        return int((time - shot.start + camera.PERIOD / 2) / camera.PERIOD + _TINY)

    def _recast(self, swapped: bool, turn: int, index: int) -> World:
        world, changes = self._world, Changes()
        if swapped:
            at = world.timeline.shot_at(round(self._swap_at * world.fps))
            self._change(changes, world.shots[at].cast[: self._swapped], 0)
        if turn:
            self._change(changes, world.shots[index].cast[: self._forgotten], turn)
        shots = tuple(
            replace(shot, cast=tuple(changes.get(member, member) for member in shot.cast))
            for shot in world.shots
        )
        return World(shots, world.seed, fps=world.fps, level=world.level, aspect=world.aspect)

    def _change(self, changes: Changes, members: tuple[Character, ...], turn: int) -> None:
        """Choose for each of the members another of other hue and shape, strange to its shots."""
        for member in members:
            shots = (shot for shot in self._world.shots if member in shot.cast)
            known = {other for shot in shots for other in shot.cast} | set(changes.values())
            rng = np.random.default_rng([self._world.seed, turn, member.number])
            everyone = map(Character.of, rng.permutation(IDENTITIES).tolist())
            changes[member] = next(o for o in everyone if o not in known and _unlike(o, member))


def _unlike(other: Character, member: Character) -> bool:
    """Tell whether two differ in hue and shape; a world of plain characters stays one."""
    plain = (other.pattern == "solid") == (member.pattern == "solid")
    return other.hue != member.hue and other.shape != member.shape and plain
