"""Augmentations of a training clip, each with what it does to the prompt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvbench.world.condition import Condition

AUGMENTATIONS = ("mirror", "hue", "speed")
_PACES = (0.75, 1.25)


def pace(chosen: tuple[str, ...], dice: np.random.Generator) -> float:
    """Return how fast a clip's time goes: under `speed`, half of the clips are slower or faster."""
    if "speed" not in chosen or dice.random() < 0.5:
        return 1.0
    return float(dice.choice(_PACES))


def augmented(
    frames: NDArray[np.uint8],
    condition: Condition,
    chosen: tuple[str, ...],
    dice: np.random.Generator,
) -> tuple[NDArray[np.uint8], Condition]:
    """Return the clip, each chosen augmentation applied to half of the clips.

    - `mirror`: left and right change places, the camera's way with them.
    - `hue`: red, green and blue change places; the cast's hues are then no longer those of the
      prompt, which forgets them.
    """
    if "mirror" in chosen and dice.random() < 0.5:
        frames = frames[:, :, ::-1]
        condition = replace(condition, camera=-condition.camera)
    if "hue" in chosen and dice.random() < 0.5:
        frames = frames[..., dice.permutation(3)]
        cast = condition.cast.copy()
        cast[..., 1] = -1
        condition = replace(condition, cast=cast)
    return np.ascontiguousarray(frames), condition
