"""Faults of prompts and of audio, planted in clips of the world, whose order is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvbench.errors import UsageError
from lvbench.validity.clip import Clip
from lvbench.validity.faults.fault import Fault
from lvbench.validity.scenes import PartReplaced
from lvbench.validity.world_clip import Performance, WorldClip
from lvbench.world.grammar import HUES, MOST_CAST, PATTERNS, SHAPES, Character, Shot

_TINY = 1e-6


def late(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Follow each prompt from `start` on `dose` seconds late."""
    world = _world(clip)
    shots = world.ordered.shots
    return world.showing(
        [replace(s, start=s.start + dose) if s in _later(shots, start) else s for s in shots]
    )


def leaked(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Add the cast of the prompt before to the first `dose` prompts from `start` on."""
    world = _world(clip)
    shots = world.ordered.shots
    chosen = _later(shots, start)[: round(dose)]
    casts = ((), *(shot.cast for shot in shots))
    return world.showing(
        [
            replace(shot, cast=_joined(shot.cast, before)) if shot in chosen else shot
            for shot, before in zip(shots, casts, strict=False)
        ]
    )


def ignored(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Ignore the first `dose` prompts from `start` on: what was before goes on."""
    world = _world(clip)
    shots = world.ordered.shots
    chosen = _later(shots, start)[: round(dose)]
    return world.showing([shot for shot in shots if shot not in chosen])


def cast_swapped(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Replace the cast from `start` on: 1 changes hues, 2 also patterns, 3 also shapes."""
    world = _world(clip)
    shots = [
        replace(shot, cast=tuple(_unlike(member, round(dose)) for member in shot.cast))
        for shot in world.ordered.shots
    ]
    whole = np.ones((clip.shape.height, clip.shape.width), np.float32)
    return PartReplaced(world, world.showing(shots), whole, start)


def offset(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Delay the audio from `start` on by `dose` seconds."""
    sounding = _sounding(clip)
    return sounding.sounding(
        [replace(n, time=n.time + dose * (n.time >= start - _TINY)) for n in sounding.heard]
    )


def drift(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Let the audio fall behind by `dose` milliseconds in each second from `start` on."""
    sounding = _sounding(clip)
    return sounding.sounding(
        [replace(n, time=n.time + dose / 1000 * max(0.0, n.time - start)) for n in sounding.heard]
    )


def missing(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Leave out a random share `dose` of the sounds from `start` on."""
    sounding = _sounding(clip)
    drawn = np.random.default_rng(seed).permutation(len(sounding.heard)) / len(sounding.heard)
    return sounding.sounding(
        [
            note
            for note, rank in zip(sounding.heard, drawn.tolist(), strict=True)
            if note.time < start - _TINY or rank >= dose - _TINY
        ]
    )


def _later(shots: tuple[Shot, ...], start: float) -> tuple[Shot, ...]:
    """Return the shots from `start` on, but never the first."""
    return tuple(shot for shot in shots[1:] if shot.start >= start - _TINY)


def _joined(cast: tuple[Character, ...], before: tuple[Character, ...]) -> tuple[Character, ...]:
    others = tuple(member for member in before if member not in cast)
    return (*cast, *others)[:MOST_CAST]


def _unlike(member: Character, parts: int) -> Character:
    """Return a character that differs in hue, pattern and shape, or the first of these `parts`.

    Different characters stay different.
    """

    def next_of(names: tuple[str, ...], name: str, part: int) -> str:
        step = len(names) // 2 if part < parts else 0
        return names[(names.index(name) + step) % len(names)]

    return Character(
        next_of(SHAPES, member.shape, 2),
        next_of(HUES, member.hue, 0),
        next_of(PATTERNS, member.pattern, 1),
    )


def _world(clip: Clip) -> WorldClip:
    if not isinstance(clip, WorldClip):
        raise _needs("prompts", clip)
    return clip


def _sounding(clip: Clip) -> Performance:
    if not isinstance(clip, Performance):
        raise _needs("audio", clip)
    return clip


def _needs(need: str, clip: Clip) -> UsageError:
    return UsageError(
        f"plant a fault of {need}",
        found=f"a {type(clip).__name__}",
        where="the clip",
        fix=f"take a source of the world with {need}, before any other fault",
    )


_PROMPTS, _AUDIO = frozenset({"prompts"}), frozenset({"audio"})

PROMPTS = {
    fault.name: fault
    for fault in (
        Fault("prompt_late", "Prompts followed late", "seconds", (0.5, 1, 2), "step", late, 0.2,
              _PROMPTS),
        Fault("prompt_leaked", "Cast of the prompt before stays", "prompts", (1, 2, 3), "step",
              leaked, 0.2, _PROMPTS),
        Fault("prompt_ignored", "Prompts ignored", "prompts", (1, 2, 3), "step", ignored, 0.2,
              _PROMPTS),
        Fault("cast_swapped", "Cast of the world replaced", "hue, pattern, shape", (1, 2, 3),
              "step", cast_swapped, 0.5, _PROMPTS),
        Fault("audio_offset", "Audio late", "seconds", (0.1, 0.2, 0.4), "throughout", offset, 0.0,
              _AUDIO),
        Fault("audio_drift", "Audio falls behind", "ms per second", (5, 10, 25), "ramp", drift,
              0.0, _AUDIO),
        Fault("sounds_missing", "Ordered sounds missing", "share", (0.2, 0.5, 0.9), "throughout",
              missing, 0.0, _AUDIO),
    )
}  # fmt: skip
"""The faults of this family."""
