"""Every fault by name, and one call that plants it in frames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from lvbench.validity.clip import ArrayClip, Pictures
from lvbench.validity.faults.appearance import APPEARANCE, STANDARD_APPEARANCE
from lvbench.validity.faults.fault import Fault, Plant
from lvbench.validity.faults.flicker import FLICKER
from lvbench.validity.faults.prompts import PROMPTS
from lvbench.validity.faults.seams import SEAMS
from lvbench.validity.faults.subjects import SUBJECTS
from lvbench.validity.faults.timing import TIMING

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {**APPEARANCE, **FLICKER, **TIMING, **SEAMS, **SUBJECTS, **PROMPTS}
)
STANDARD: tuple[str, ...] = (*STANDARD_APPEARANCE, *FLICKER, *TIMING, *SEAMS, *SUBJECTS, *PROMPTS)


def planted_array(
    fault: str | Plant,
    frames: Pictures,
    fps: float,
    dose: float,
    *,
    start: float | None = None,
    seed: int = 0,
) -> Pictures:
    """Return frames with a fault planted.

    Args:
        fault: Name of the fault, or what plants it; the latter begins at 0 unless stated.
        frames: uint8 `(n, h, w, 3)` RGB.
        fps: Frames per second.
        dose: Dose in the fault's unit; 0 changes nothing.
        start: Where it begins, in seconds; None takes the fault's own.
        seed: Seed of what is drawn.

    Raises:
        KeyError: No fault has this name.
    """
    clip = ArrayClip(frames, fps)
    if isinstance(fault, str):
        planted = FAULTS[fault].planted(clip, dose, start=start, seed=seed)
    else:
        planted = clip if dose == 0 else fault(clip, dose, start=start or 0.0, seed=seed)
    return planted.take(np.arange(planted.shape.frames))
