"""Random prompt schedules, each a function of its seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from lvbench.errors import UsageError
from lvbench.world.grammar import (
    CAMERAS,
    HUES,
    LEVELS,
    LIGHTS,
    MOST_CAST,
    PATTERNS,
    SCENES,
    SHAPES,
    Character,
    Shot,
)
from lvbench.world.random_numbers import SHOTS, uniforms

TRAIN_SEEDS = range(2**31)
TEST_SEEDS = range(2**31, 2**32)
SHORTEST, LONGEST = 8.0, 20.0  # seconds of a shot at level 3
_GRID = 0.25  # grid of cuts in seconds, on integral frames at the usual rates
_BATCH = 64

T = TypeVar("T")


def train_seed(number: int) -> int:
    """Return the seed of a training clip, 0 <= number < 2**31; no test clip has it."""
    return _seed(TRAIN_SEEDS, number)


def test_seed(number: int) -> int:
    """Return the seed of a test clip, 0 <= number < 2**31; no training clip has it."""
    return _seed(TEST_SEEDS, number)


test_seed.__test__ = False  # type: ignore[attr-defined]  # its name is no test's


def draw_shots(level: int, seed: int, seconds: float) -> tuple[Shot, ...]:
    """Return a random schedule with the vocabulary of a level.

    At level 3 every shot lasts 8 to 20 s (a clip below 16 s has no cut). Half of the cuts carry
    members of the cast over into another scene; the others replace the complete cast, and half of
    these also the scene.

    Args:
        level: 0 to 3.
        seed: A seed; see `train_seed` and `test_seed`.
        seconds: Length of the clip.

    Raises:
        UsageError: No such level.
    """
    if level not in range(LEVELS):
        raise UsageError(
            "draw a clip",
            found=f"level {level}",
            where="the level",
            fix=f"give 0 to {LEVELS - 1}",
        )
    dice = _Dice(seed)
    light = dice.of(LIGHTS) if level > 1 else "noon"
    shots: list[Shot] = []
    for start in _starts(dice, seconds) if level > 2 else (0.0,):
        scene, cast = _place(dice, level, shots[-1] if shots else None)
        camera = dice.of(CAMERAS) if level > 0 else "still"
        shots.append(Shot(start, scene, cast, camera, light))
    return tuple(shots)


class _Dice:
    """A stream of random numbers, drawn in batches."""

    def __init__(self, seed: int) -> None:
        self._stream = self._numbers(seed)

    def of(self, choices: Sequence[T]) -> T:
        return choices[int(next(self._stream) * len(choices))]

    def between(self, low: float, high: float) -> float:
        return low + next(self._stream) * (high - low)

    @staticmethod
    def _numbers(seed: int) -> Iterator[float]:
        index = 0
        while True:
            yield from uniforms(_BATCH, seed, SHOTS, index).tolist()
            index += 1


def _starts(dice: _Dice, seconds: float) -> list[float]:
    starts = [0.0]
    while (left := seconds - starts[-1]) >= 2 * SHORTEST:
        if left <= LONGEST and len(starts) > 1:
            break
        length = dice.between(SHORTEST, min(LONGEST, left - SHORTEST))
        starts.append(starts[-1] + max(SHORTEST, length // _GRID * _GRID))
    return starts


def _place(dice: _Dice, level: int, before: Shot | None) -> tuple[str, tuple[Character, ...]]:
    """Return scene and cast of a shot, given the one before."""
    carried: tuple[Character, ...] = ()
    others: tuple[str, ...] = SCENES
    if before is not None:
        elsewhere = tuple(scene for scene in SCENES if scene != before.scene)
        if dice.of((True, False)):
            carried = before.cast[: dice.of(range(len(before.cast))) + 1]
            others = elsewhere
        else:
            others = dice.of((elsewhere, (before.scene,)))
    scene = dice.of(others)
    patterns = PATTERNS if level > 1 else PATTERNS[:1]
    count = max(len(carried), dice.of(range(MOST_CAST)) + 1)
    cast = list(carried)
    gone = before.cast if before else ()
    while len(cast) < count:
        new = Character(dice.of(SHAPES), dice.of(HUES), dice.of(patterns))
        if new not in cast and new not in gone:
            cast.append(new)
    return scene, tuple(cast)


def _seed(seeds: range, number: int) -> int:
    if not 0 <= number < len(seeds):
        raise UsageError(
            "take a seed",
            found=f"number {number}",
            where="the seeds",
            fix=f"give 0 to {len(seeds) - 1}",
        )
    return seeds[number]
