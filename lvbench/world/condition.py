"""Conditions of each frame by prompt and time, as arrays for a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.world import camera
from lvbench.world.grammar import HUES, MOST_CAST, PATTERNS, SCENES, SHAPES, Shot
from lvbench.world.timeline import ShotSpan, ShotTimeline

if TYPE_CHECKING:
    from lvbench.world.world import World


@dataclass(frozen=True, slots=True)
class Condition:
    """Conditions of T frames, by the prompts alone and independent of the seed.

    Attributes:
        scene: `int64 (T,)`, index in `SCENES`.
        cast: `int64 (T, 3, 3)`, indices of shape, hue and pattern per member; -1 for no member.
        camera: `float32 (T, 2)`, position in view widths and velocity in view widths per second.
        light: `float32 (T, 3)`, gains of red, green and blue.
        since: `float32 (T,)`, seconds since the shot's start.
    """

    scene: NDArray[np.int64]
    cast: NDArray[np.int64]
    camera: NDArray[np.float32]
    light: NDArray[np.float32]
    since: NDArray[np.float32]


def conditions(clip: World | tuple[Sequence[Shot], float], start: int, stop: int) -> Condition:
    """Return the conditions of the frames [start, stop).

    Args:
        clip: A world, or its shots and its rate in Hz.
        start: First frame.
        stop: One past the last frame.
    """
    timeline = ShotTimeline(*clip) if isinstance(clip, tuple) else clip.timeline
    runs = list(timeline.runs(start, stop))
    count = stop - start
    condition = Condition(
        np.empty(count, np.int64),
        np.full((count, MOST_CAST, 3), -1),
        np.empty((count, 2), np.float32),
        np.empty((count, 3), np.float32),
        np.empty(count, np.float32),
    )
    for run in runs:
        _fill(condition, run, slice(run.first - start, run.first - start + len(run.times)))
    return condition


def _fill(condition: Condition, run: ShotSpan, rows: slice) -> None:
    shot = run.shot
    condition.scene[rows] = SCENES.index(shot.scene)
    for place, member in enumerate(shot.cast):
        condition.cast[rows, place] = (
            SHAPES.index(member.shape),
            HUES.index(member.hue),
            PATTERNS.index(member.pattern),
        )
    condition.camera[rows, 0] = run.camera
    condition.camera[rows, 1] = camera.velocity(shot.camera, run.since)
    condition.light[rows] = run.gain
    condition.since[rows] = run.since
