"""Clips of the demo: one healthy clip, and one for each planted fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lvbench.generators.baselines.pixel_faults import Clip
from lvbench.validity.faults import arrays as faults
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

SECONDS, FPS, WIDTH, HEIGHT = 12.0, 24.0, 320, 192

FAULTS: dict[str, Callable[[Clip], Clip]] = {
    "healthy": lambda clip: clip,
    "darkens": lambda clip: faults.brightness_ramp(clip, -0.45),
    "flickers": lambda clip: faults.flicker(clip, 0.04),
    "freezes": lambda clip: faults.freeze(clip, 120, 84),
    "loops": lambda clip: faults.loop(clip, 72, 54, 3),
    "seams": lambda clip: faults.seams(clip, 48, 5.0),
    "softens": lambda clip: faults.blur_ramp(clip, 2.2),
    "warms": lambda clip: faults.colour_ramp(clip, 0.3),
}


def render_demo_clips(folder: Path) -> None:
    """Write `<fault>.mp4` for every fault; existing files are kept.

    Raises:
        StorageError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, plant) in enumerate(FAULTS.items()):
        path = folder / f"{name}.mp4"
        if not path.exists():
            healthy = np.concatenate(list(render_clip(SECONDS, FPS, WIDTH, HEIGHT, seed)))
            write_video(path, [plant(healthy)], FPS, crf=18)
