"""Clips by the world's own renderer, clean or with a planted fault."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.world.draw import test_seed as held_out_seed
from lvbench.world.grammar import schedule
from lvbench.world.world import World

FPS = 8.0
STILL = "scene=meadow; cast=red solid disc, blue solid square; camera=still; light=noon"
RETURN = "scene=city; cast=yellow solid cross, pink solid ring; camera=return right; light=noon"

Clip = NDArray[np.uint8]
Prompts = list[tuple[float, str]]


def clip(
    prompts: Prompts,
    seconds: float = 20.0,
    seed: int = 0,
    level: int | None = None,
    start: float = 0,
) -> Clip:
    """Return what prompts order, rendered from `start` on, `uint8 (T, 48, 48, 3)`."""
    world = World(schedule(prompts), held_out_seed(seed), fps=FPS, level=level)
    return world.render(round(start * FPS), round((start + seconds) * FPS), 48, 48)


def spliced(first: Clip, second: Clip, at: float) -> Clip:
    """Return the first clip, from `at` seconds on the second one."""
    cut = round(at * FPS)
    return np.concatenate([first[:cut], second[cut:]])


def blurred(frames: Clip, width: float) -> Clip:
    """Return frames out of focus."""
    return np.stack([cv2.GaussianBlur(frame, (0, 0), width) for frame in frames])


def turned(frames: Clip, degrees: int) -> Clip:
    """Return frames whose hues are turned."""
    changed = []
    for frame in frames:
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + degrees // 2) % 180
        changed.append(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    return np.stack(changed)


def brighter(frames: Clip, gain: float) -> Clip:
    """Return frames under a light of another gain."""
    return np.clip(frames * gain + 0.5, 0, 255).astype(np.uint8)
