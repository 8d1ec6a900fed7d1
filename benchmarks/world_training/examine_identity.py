"""Accuracy of the identity encoder on held-out clips, by level."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.world_training.samples import LabelledFrames, generator, held_out_moments
from lvbench.features.world import world_identity
from lvbench.world.grammar import HUES, IDENTITIES, LEVELS, PATTERNS, SHAPES, Character

PLAIN = 0.5
"""Visible share of a character from which it must be found."""
BLUR = 1.0
"""Standard deviation in pixels of the blur of corrupted pictures, with grain of 6 levels."""

_GONE = 0.04  # visible share below which a character counts as absent
_NEAR = 0.1  # share of the picture's side within which a detection matches a character

Pictures = NDArray[np.uint8]


def blurred(pictures: Pictures) -> Pictures:
    """Return pictures with blur and grain, like generated ones."""
    soft = np.stack([cv2.GaussianBlur(picture, (0, 0), BLUR) for picture in pictures])
    grain = generator(0, 0).normal(0, 6, soft.shape)
    return np.asarray(np.clip(soft + grain + 0.5, 0, 255), np.uint8)


def identity(clips: int = 100) -> dict[str, dict[str, float]]:
    """Return the accuracy of the identity encoder, by `level` and `level blurred`."""
    rows = {}
    for level in range(LEVELS):
        moments = held_out_moments(level, clips)
        rows[f"{level}"] = _identity(moments, moments.pictures)
        rows[f"{level} blurred"] = _identity(moments, blurred(moments.pictures))
    return rows


def _identity(moments: LabelledFrames, pictures: Pictures) -> dict[str, float]:
    found = world_identity.detect(pictures)
    right: dict[str, list[float]] = {}

    def note(name: str, value: Any) -> None:
        right.setdefault(name, []).append(float(value))

    rng = generator(0, 1)
    for i in range(len(moments)):
        numbers = [int(n) for n in moments.members[i] if n >= 0]
        cast = [Character.of(number) for number in numbers]
        others = [another(number, numbers, rng) for number in numbers]
        here = _recognised({k: v[i] for k, v in found.items()}, cast)
        taken = _recognised({k: v[i] for k, v in found.items()}, others)
        strange = _recognised({k: v[i] for k, v in found.items()}, [_random(numbers, rng)])
        for place, number in enumerate(numbers):
            share = float(moments.visible[i, place])
            if share >= PLAIN:
                note("found", here[place])
                _kinds(note, {k: v[i] for k, v in found.items()}, moments.centres[i, place], number)
            elif share >= 0.2:
                note("found, half hidden", here[place])
            elif share < _GONE:
                note("taken for there", here[place])
            note("taken for one unlike in one part", taken[place])
        note("taken for another", strange[0])
        note("found where none is", _spurious({k: v[i] for k, v in found.items()}, moments, i))
    return {name: float(np.mean(values)) for name, values in sorted(right.items())} | {
        "members": float(len(right["found"]))
    }


def _recognised(found: dict[str, Any], cast: list[Character]) -> list[bool]:
    cosines = world_identity.similarity(found["embedding"], cast)
    counts = (found["score"] >= world_identity.SURE) & (cosines.max(1) >= world_identity.SAME)
    return [bool((counts & (cosines.argmax(1) == k)).any()) for k in range(len(cast))]


def _kinds(note: Any, found: dict[str, Any], centre: NDArray[Any], number: int) -> None:
    """Record whether shape, hue and pattern at a position are recognised."""
    off = np.abs(found["place"] - (centre + 0.5) / 48).max(axis=1) + 9 * (found["score"] == 0)
    if off.min() > _NEAR:
        return
    embedding = found["embedding"][off.argmin()]
    row, pattern = divmod(number, len(PATTERNS))
    shape, hue = divmod(row, len(HUES))
    parts = np.split(embedding, [len(SHAPES), len(SHAPES) + len(HUES)])
    for name, part, wanted in zip(
        ("shape", "hue", "pattern"), parts, (shape, hue, pattern), strict=True
    ):
        note(name, part.argmax() == wanted)
    note("pixels off", 48 * off.min())


def _spurious(found: dict[str, Any], moments: LabelledFrames, i: int) -> bool:
    there = moments.centres[i][(moments.members[i] >= 0) & (moments.visible[i] >= _GONE)]
    for place, score in zip(found["place"], found["score"], strict=True):
        if score >= world_identity.SURE:
            off = np.abs((there + 0.5) / 48 - place).max(axis=1, initial=0) if len(there) else [9]
            if not len(there) or min(off) > 2 * _NEAR:
                return True
    return False


def another(number: int, cast: list[int], rng: np.random.Generator) -> Character:
    """Return a character outside the cast that differs from a member in one attribute."""
    while True:
        parts = np.array(np.unravel_index(number, (len(SHAPES), len(HUES), len(PATTERNS))))
        which = int(rng.integers(3))
        size = (len(SHAPES), len(HUES), len(PATTERNS))[which]
        parts[which] = (parts[which] + rng.integers(1, size)) % size
        other = int(np.ravel_multi_index(tuple(parts), (len(SHAPES), len(HUES), len(PATTERNS))))
        if other not in cast:
            return Character.of(other)


def _random(cast: list[int], rng: np.random.Generator) -> Character:
    return Character.of(next(n for n in rng.permutation(IDENTITIES).tolist() if n not in cast))
