"""Clips with actors in front of them, whose place and look are known at each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lvbench.validity.clip import Clip, Numbers, Pictures
from lvbench.validity.looks import THINGS, WALKERS, Look, painted
from lvbench.validity.scenes import GREY, Matched, Remapped, Tour, sample

Schedule = Callable[[float], float]
Mix = Callable[[float], tuple[float, float, float]]
STAGED = ("subject", "object", "view")
"""Needs that can be added to any clip."""
_ROUND = 17.0  # seconds to cross the picture and return
_STRIDE = 0.75  # heights of the actor for two steps
_BREADTH = 2.2  # breadth of the drawn patch in heights of the actor
_SOFT = 1.4  # pixels over which an edge fades
_SHADOW = 0.35


@dataclass(frozen=True, slots=True)
class Lighting:
    """How the light of a scene changes the colours of an actor.

    Attributes:
        gain: Factor of brightness.
        saturation: Share of the colour that remains; 0 in a black-and-white film.
    """

    gain: float
    saturation: float

    @classmethod
    def of(cls, clip: Clip) -> Lighting:
        """Return the lighting of a clip."""
        pictures = sample(clip).astype(np.float32)
        chroma = float((pictures.max(axis=-1) - pictures.min(axis=-1)).mean())
        gain = float(np.clip(0.45 + pictures.mean() / 200, 0.5, 1.2))
        return cls(gain, float(np.clip(chroma / 20, 0, 1)))


@dataclass(frozen=True, slots=True)
class Actor:
    """A figure that walks to and fro, or an object that stands.

    Attributes:
        looks: What it looks like, and what it may turn into.
        height: Its height as a share of the picture's.
        centre: Place of its feet, x and y as shares of the picture.
        reach: How far it walks to each side, as a share of the width; 0 stands.
        start: Phase of its way.
        mix: Shares of the second look in colours, cloth and body at each time.
        shown: Its opacity at each time.
    """

    looks: tuple[Look, Look]
    height: float
    centre: tuple[float, float]
    reach: float
    start: float
    mix: Mix = lambda time: (0.0, 0.0, 0.0)
    shown: Schedule = lambda time: 1.0

    @classmethod
    def walker(cls, seed: int) -> Actor:
        """Return a walking figure."""
        return cls._drawn(WALKERS, seed, 0, 0.3)

    @classmethod
    def thing(cls, seed: int) -> Actor:
        """Return an object that stands still."""
        return cls._drawn(THINGS, seed, 1, 0.0)

    @classmethod
    def _drawn(cls, bodies: tuple[str, ...], seed: int, use: int, reach: float) -> Actor:
        rng = np.random.default_rng([seed, use])
        body = bodies[seed % len(bodies)]
        look = Look.draw(body, rng)
        looks = look, look.unlike(bodies, rng)
        height = rng.uniform(0.27, 0.3) * (1.35 if body == "person" else 1)
        x = 0.5 if reach else rng.choice([0.25, 0.75])
        return cls(looks, height, (x, rng.uniform(0.8, 0.9)), reach, rng.uniform(0, 2 * np.pi))

    def draw(self, picture: Pictures, time: float, light: Lighting) -> None:
        """Draw it on a picture, with its shadow."""
        shown = self.shown(time)
        if shown <= 0:
            return
        rows, columns = picture.shape[:2]
        angle = 2 * np.pi * time / _ROUND + self.start
        near = 1 + 0.1 * np.sin(0.7 * angle + 1) if self.reach else 1.0
        height = self.height * rows * near
        foot_x = (self.centre[0] + self.reach * np.sin(angle)) * columns
        foot_y = (self.centre[1] + 0.4 * self.height * (near - 1)) * rows
        phase = 2 * np.pi * foot_x / (_STRIDE * height) if self.reach else 0.0
        facing = float(np.tanh(3 * np.cos(angle))) if self.reach else 1.0
        half = _BREADTH * height / 2
        left, right = max(0, int(foot_x - half)), min(columns, int(foot_x + half) + 1)
        top, bottom = max(0, int(foot_y - 1.25 * height)), min(rows, int(foot_y + 0.1 * height) + 1)
        if left >= right or top >= bottom:
            return
        x = ((np.arange(left, right) + 0.5 - foot_x) / height).astype(np.float32)[None]
        y = ((np.arange(top, bottom) + 0.5 - foot_y) / height).astype(np.float32)[:, None]
        below = picture[top:bottom, left:right].astype(np.float32)
        shadow = np.clip(1.6 - 2 * np.hypot(x / 0.3, y / 0.07), 0, 1)[..., None]
        below *= 1 - _SHADOW * shown * shadow
        edge, colour = painted(self.looks, self.mix(time), x, y, phase, facing)
        grey = (colour @ GREY)[..., None]
        lit = 255 * light.gain * (grey + light.saturation * (colour - grey))
        cover = shown * np.clip(0.5 - edge * (height / _SOFT), 0, 1)[..., None]
        below += cover * (np.clip(lit, 0, 255) - below)
        picture[top:bottom, left:right] = np.rint(below).astype(np.uint8)


class Staged(Clip):
    """A clip behind actors.

    Args:
        scene: The clip.
        actors: The actors, the last in front.
        elsewhere: Another scene of the same shape.
        light: Lighting of the actors; that of the clip unless given.
    """

    def __init__(
        self,
        scene: Clip,
        actors: tuple[Actor, ...],
        elsewhere: Clip,
        light: Lighting | None = None,
    ) -> None:
        self.scene, self.actors, self.shape = scene, actors, scene.shape
        self.elsewhere = elsewhere
        self.light = Lighting.of(scene) if light is None else light

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers with the actors."""
        pictures = self.scene.take(numbers)
        for picture, number in zip(pictures, numbers.tolist(), strict=True):
            for actor in self.actors:
                actor.draw(picture, number / self.shape.fps, self.light)
        return pictures

    def with_actors(self, *actors: Actor) -> Staged:
        """Return the clip behind other actors."""
        return Staged(self.scene, actors, self.elsewhere, self.light)

    def moved(self, scene: Clip) -> Staged:
        """Return the actors in front of another clip, lit as before."""
        return Staged(scene, self.actors, self.elsewhere, self.light)


def base(clip: Clip, need: str, seed: int = 0, elsewhere: Clip | None = None) -> Clip:
    """Return the clip in which faults with a need are planted: the one that they are compared to.

    Args:
        clip: Any clip.
        need: `subject` adds a walking figure; `object` an object that stands; `view` lets the
            camera leave a part of the picture and return to it; for any other the clip itself.
        seed: Seed of the figure.
        elsewhere: Any other clip, whose scene the faults may display, in the colours of this one.
    """
    if need not in STAGED:
        return clip
    other = Remapped(clip, 1) if elsewhere is None else Matched(elsewhere, clip)
    if need == "view":
        return Tour(clip, other)
    actor = Actor.walker(seed) if need == "subject" else Actor.thing(seed)
    return Staged(clip, (actor,), other)
