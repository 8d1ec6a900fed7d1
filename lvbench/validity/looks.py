"""How an actor looks: its body as a skeleton of limbs, its colours, its cloth or coat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Plane = NDArray[np.float32]
COLOURS = 4
_CLOTH = 3  # waves that a cloth is composed of
_CONTRAST = 0.45
_POINT = 1e-3  # added to the length of a limb, which may be a point


@dataclass(frozen=True, slots=True)
class Look:
    """What an actor looks like, whatever it does.

    Attributes:
        body: One of `BODIES`.
        build: Thickness of its limbs, 1 on average.
        colours: RGB `(4, 3)`, 0 to 1: skin, upper and lower garment, hair.
        waves: Frequencies along and across a limb, phase and weight of each wave of the cloth,
            `(3, 4)`; frequencies in radians per height of the actor.
    """

    body: str
    build: float
    colours: Numbers
    waves: Numbers

    @classmethod
    def draw(cls, body: str, rng: np.random.Generator) -> Look:
        """Return a random look of a body."""
        hue = rng.uniform() + np.array([0.0, 0.15, 0.55, 0.3]) + rng.uniform(-0.05, 0.05, COLOURS)
        value = rng.permutation([0.95, 0.8, 0.55, 0.35])
        colours = np.stack(
            [_rgb(h, s, v) for h, s, v in zip(hue, rng.uniform(0.3, 0.65, COLOURS), value,
                                              strict=True)]
        )  # fmt: skip
        turn = rng.choice([0.0, np.pi / 4, np.pi / 2], _CLOTH)
        fine = rng.choice([22.0, 38.0, 60.0], _CLOTH)
        weights = rng.dirichlet(np.full(_CLOTH, 0.6))
        waves = np.stack([fine * np.cos(turn), fine * np.sin(turn),
                          rng.uniform(0, 2 * np.pi, _CLOTH), weights], axis=1)  # fmt: skip
        return cls(body, rng.uniform(1.0, 1.25), colours, waves)

    def unlike(self, bodies: tuple[str, ...], rng: np.random.Generator) -> Look:
        """Return a look with another body of these, opposite colours and another cloth."""
        others = [body for body in bodies if body != self.body]
        other = Look.draw(others[int(rng.integers(len(others)))], rng)
        waves = other.waves.copy()
        waves[:, :2] = self.waves[:, 1::-1] * np.where(self.waves[:, :2].max() > 40, 0.45, 2.2)
        return replace(other, colours=1 - self.colours[[1, 2, 3, 0]] * 0.9, waves=waves)


@dataclass(frozen=True, slots=True)
class Limb:
    """A tapered capsule; x to the front and y downward from the feet, in heights of the actor.

    Attributes:
        ends: x and y of both ends.
        radii: Radius at both ends.
        colour: Number of its colour.
        shade: Factor of its brightness; below 1 on the far side.
    """

    ends: tuple[float, float, float, float]
    radii: tuple[float, float]
    colour: int
    shade: float = 1.0


def person(phase: float) -> list[Limb]:
    """Return a walking person, from back to front."""
    return [
        *_leg(0.0, -0.48, phase + np.pi, (0.07, 0.045), 2, 0.7),
        *_arm(phase, 0.7),
        *_leg(0.0, -0.48, phase, (0.07, 0.045), 2, 1.0),
        Limb((0.0, -0.5, 0.02, -0.73), (0.09, 0.115), 1),
        Limb((0.02, -0.8, 0.03, -0.84), (0.045, 0.045), 0, 0.85),
        Limb((0.035, -0.905, 0.045, -0.915), (0.075, 0.08), 0),
        Limb((-0.03, -0.88, 0.03, -0.955), (0.07, 0.065), 3),
        *_arm(phase + np.pi, 1.0),
    ]


def animal(phase: float) -> list[Limb]:
    """Return a walking animal on four legs, from back to front."""
    tail = 0.12 * np.sin(phase)
    return [
        *_leg(-0.4, -0.42, phase + np.pi, (0.075, 0.04), 2, 0.7),
        *_leg(0.3, -0.42, phase + np.pi / 2, (0.07, 0.04), 2, 0.7),
        Limb((-0.55, -0.6, -0.8, -0.5 + tail), (0.05, 0.03), 3),
        Limb((-0.4, -0.56, 0.3, -0.6), (0.2, 0.19), 1),
        *_leg(-0.35, -0.42, phase, (0.08, 0.045), 2, 1.0),
        *_leg(0.35, -0.42, phase - np.pi / 2, (0.075, 0.045), 2, 1.0),
        Limb((0.35, -0.65, 0.55, -0.85), (0.13, 0.1), 1),
        Limb((0.55, -0.87, 0.76, -0.8), (0.11, 0.06), 0),
        Limb((0.5, -0.93, 0.46, -0.99), (0.04, 0.02), 3),
    ]


def vehicle(phase: float) -> list[Limb]:
    """Return a rolling vehicle, from back to front."""
    spoke = np.array([np.cos(phase), np.sin(phase)]) * 0.11
    wheels = [Limb((x, -0.17, x, -0.17), (0.17, 0.17), 3) for x in (-0.45, 0.45)]
    spokes = [
        Limb((x - spoke[0], -0.17 - spoke[1], x + spoke[0], -0.17 + spoke[1]), (0.03, 0.03), 0)
        for x in (-0.45, 0.45)
    ]
    return [
        Limb((-0.2, -0.72, 0.2, -0.72), (0.24, 0.24), 2),
        Limb((-0.1, -0.74, 0.15, -0.74), (0.13, 0.13), 0),
        Limb((-0.55, -0.4, 0.6, -0.38), (0.2, 0.16), 1),
        *wheels,
        *spokes,
    ]


def plant(phase: float) -> list[Limb]:
    """Return a potted plant."""
    leaves = [(-0.3, -0.72), (0.3, -0.68), (-0.18, -0.9), (0.2, -0.88), (0.0, -0.8)]
    return [
        Limb((0.0, -0.3, 0.0, -0.75), (0.03, 0.025), 3),
        *(Limb((x * 0.3, -0.5, x, y), (0.03, 0.09), k % 2) for k, (x, y) in enumerate(leaves)),
        Limb((0.0, -0.12, 0.0, -0.26), (0.12, 0.17), 2),
    ]


def lamp(phase: float) -> list[Limb]:
    """Return a floor lamp."""
    return [
        Limb((0.0, -0.04, 0.0, -0.7), (0.03, 0.025), 3),
        Limb((-0.16, -0.04, 0.16, -0.04), (0.04, 0.04), 2),
        Limb((0.0, -0.7, 0.0, -0.9), (0.24, 0.1), 1),
        Limb((-0.2, -0.66, 0.2, -0.66), (0.04, 0.04), 0),
    ]


def barrel(phase: float) -> list[Limb]:
    """Return a barrel with a ball on it."""
    return [
        Limb((0.0, -0.22, 0.0, -0.5), (0.22, 0.22), 1),
        Limb((-0.2, -0.28, 0.2, -0.28), (0.035, 0.035), 3),
        Limb((-0.2, -0.46, 0.2, -0.46), (0.035, 0.035), 3),
        Limb((0.0, -0.84, 0.0, -0.84), (0.16, 0.16), 2),
    ]


BODIES: dict[str, Callable[[float], list[Limb]]] = {
    "person": person, "animal": animal, "vehicle": vehicle,
    "plant": plant, "lamp": lamp, "barrel": barrel,
}  # fmt: skip
WALKERS = ("person", "animal", "vehicle")
THINGS = ("plant", "lamp", "barrel")


def _leg(
    x: float, y: float, phase: float, radii: tuple[float, float], colour: int, shade: float
) -> list[Limb]:
    """Return thigh, shank and foot of a leg that hangs at a place and swings."""
    swing, bend = 0.45 * np.sin(phase), 0.35 * (1 + np.cos(phase))
    length = -y / 2 - 0.01
    knee = (x + length * np.sin(swing), y + length * np.cos(swing))
    foot = (knee[0] + length * np.sin(swing - bend), knee[1] + length * np.cos(swing - bend))
    thick, thin = radii
    return [
        Limb((x, y, *knee), (thick, (thick + thin) / 2), colour, shade),
        Limb((*knee, *foot), ((thick + thin) / 2, thin), colour, shade),
        Limb((*foot, foot[0] + 0.07, foot[1] + 0.005), (thin, thin * 0.8), 3, shade),
    ]


def _arm(phase: float, shade: float) -> list[Limb]:
    swing = 0.5 * np.sin(phase)
    elbow = (0.02 + 0.18 * np.sin(swing), -0.76 + 0.18 * np.cos(swing))
    hand = (elbow[0] + 0.16 * np.sin(swing + 0.4), elbow[1] + 0.16 * np.cos(swing + 0.4))
    return [
        Limb((0.02, -0.76, *elbow), (0.05, 0.04), 1, shade),
        Limb((*elbow, *hand), (0.04, 0.04), 0, shade),
    ]


def _rgb(hue: float, saturation: float, value: float) -> Numbers:
    offsets = np.abs((hue * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1
    return np.asarray(value * (1 - saturation * (1 - np.clip(offsets, 0, 1))))


def painted(
    looks: tuple[Look, Look], mix: tuple[float, float, float], x: Plane, y: Plane,
    phase: float, facing: float,
) -> tuple[Plane, Plane]:  # fmt: skip
    """Return the signed distance from an actor's edge `(h, w)` and its colours `(h, w, 3)`.

    Args:
        looks: What it is and what it turns into.
        mix: Shares of the second look in colours, cloth and body, 0 to 1.
        x: Places to the right of its feet in heights of the actor, `(1, w)`.
        y: Places below its feet, `(h, 1)`.
        phase: Phase of its walk.
        facing: Cosine of its turn: 1 walks to the right, -1 to the left, 0 comes on.
    """
    one, two = looks
    colours = one.colours + mix[0] * (two.colours - one.colours)
    cloths = ((one.waves, 1 - mix[1]), (two.waves, mix[1]))
    edge, colour = np.zeros(1, np.float32), np.zeros(1, np.float32)
    for look, share in ((one, 1 - mix[2]), (two, mix[2])):
        if share > 0:
            own_edge, own = _painted(look, colours, cloths, x, y, phase, facing)
            edge, colour = edge + share * own_edge, colour + share * own
    return edge, colour


def _painted(
    look: Look, colours: Numbers, cloths: tuple[tuple[Numbers, float], ...], x: Plane, y: Plane,
    phase: float, facing: float,
) -> tuple[Plane, Plane]:  # fmt: skip
    limbs = BODIES[look.body](phase)
    ends = np.array([limb.ends for limb in limbs], np.float32)[:, :, None, None]
    radii = np.array([limb.radii for limb in limbs], np.float32)[:, :, None, None] * look.build
    x0, x1, y0, y1 = ends[:, 0] * facing, ends[:, 2] * facing, ends[:, 1], ends[:, 3]
    dx, dy = x1 - x0 + _POINT, y1 - y0
    length = np.hypot(dx, dy)
    along = ((x - x0) * dx + (y - y0) * dy) / length
    across = ((x - x0) * dy - (y - y0) * dx) / length
    share = np.clip(along / length, 0, 1)
    radius = radii[:, 0] + share * (radii[:, 1] - radii[:, 0])
    edges = np.hypot(across, along - share * length) - radius
    shades = np.array([limb.shade for limb in limbs], np.float32)[:, None, None]
    round_ = np.clip(across / radius, -1, 1)
    light = shades * (0.62 + 0.38 * np.sqrt(1 - round_ * round_) - 0.12 * round_)
    for waves, weight in cloths:
        for long, broad, start, part in waves.tolist() if weight > 0 else ():
            wave = np.sin(long * along + broad * across + start)
            light = light * (1 + _CONTRAST * weight * part * wave)
    numbers = [limb.colour for limb in limbs]
    tints = colours[numbers].astype(np.float32)
    nearest = edges.argmin(axis=0)
    rows, columns = np.indices(nearest.shape, sparse=True)
    colour = tints[nearest] * light[nearest, rows, columns, None]
    for k in range(len(limbs)):
        cover = np.clip(0.5 - edges[k] * 60, 0, 1)[..., None]
        colour += cover * (tints[k] * light[k, ..., None] - colour)
    return edges.min(axis=0), colour
