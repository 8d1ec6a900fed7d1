"""Clips of the demo: one healthy clip, and one for each planted fault."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from lvbench.validity.clip import Pictures
from lvbench.validity.faults import timing
from lvbench.validity.faults.catalogue import planted_array
from lvbench.validity.faults.fault import Plant
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

SECONDS, FPS, WIDTH, HEIGHT = 12.0, 24.0, 320, 192

FAULTS: dict[str, tuple[str | Plant, float, float]] = {
    "healthy": ("dark_ramp", 0.0, 0.0),
    "darkens": ("dark_ramp", 0.45, 0.0),
    "flickers": ("flicker_global", 0.04, 0.0),
    "freezes": ("freeze", 3.5, 5.0),
    "loops": (partial(timing.loop, period=2.25), 0.5625, 3.0),
    "seams": ("seam_regular", 5.0, 0.0),
    "softens": ("blur_ramp", 1.76, 0.0),
    "warms": ("warm_ramp", 0.3, 0.0),
}
"""Fault, dose and start in seconds of each clip."""


def planted(name: str, frames: Pictures) -> Pictures:
    """Return frames with the fault of one of the demo's clips."""
    fault, dose, start = FAULTS[name]
    return planted_array(fault, frames, FPS, dose, start=start)


def render_demo_clips(folder: Path) -> None:
    """Write `<fault>.mp4` for every fault; existing files are kept.

    Raises:
        StorageError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(FAULTS):
        path = folder / f"{name}.mp4"
        if not path.exists():
            healthy = np.concatenate(list(render_clip(SECONDS, FPS, WIDTH, HEIGHT, seed)))
            write_video(path, [planted(name, healthy)], FPS, crf=18)
