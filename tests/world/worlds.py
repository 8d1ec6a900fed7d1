"""Worlds that several tests look at."""

from __future__ import annotations

from lvbench.world.draw import draw_shots
from lvbench.world.grammar import SCENES, Character, Shot
from lvbench.world.world import World


def drawn(level: int, seed: int, seconds: float = 60.0, aspect: float = 1.0) -> World:
    return World(draw_shots(level, seed, seconds), seed, level=level, aspect=aspect)


def staged(
    *cast: str,
    scene: str = SCENES[0],
    camera: str = "still",
    light: str = "noon",
    level: int = 0,
    seed: int = 0,
    fps: float = 8.0,
) -> World:
    """Return a world of one shot; a member of the cast is 'HUE PATTERN SHAPE'."""
    members = []
    for words in cast:
        hue, pattern, shape = words.split()
        members.append(Character(shape, hue, pattern))
    return World((Shot(0.0, scene, tuple(members), camera, light),), seed, level=level, fps=fps)
