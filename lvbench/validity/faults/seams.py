"""Faults at the boundaries between a generator's chunks: position, colour and velocity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.baselines.pixel_faults import shifted
from lvbench.validity.clip import Changed, Clip, Numbers, Pictures
from lvbench.validity.faults.changes import gained, pixels
from lvbench.validity.faults.fault import Fault
from lvbench.validity.faults.timing import chunks, first_frame, paced

_EVERY = 2.0  # seconds
_SHORTEST, _LONGEST = 0.8, 3.5  # seconds of an irregular chunk
_TINT = 0.01  # standard deviation of the gains per unit of dose


def seam_regular(
    clip: Clip, dose: float, *, start: float, seed: int = 0, every: float = _EVERY
) -> Clip:
    """Shift and tint every chunk but the first in its own way.

    Args:
        clip: The clip.
        dose: Shift in pixels at 256 wide; the gain of each colour has sd `dose` / 100.
        start: Where the first chunk begins, in seconds.
        seed: Seed of directions and gains.
        every: Seconds of a chunk.
    """
    return _chunked(clip, _regular(clip, every), start, seed, shift=dose, tint=_TINT * dose)


def seam_irregular(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Shift and tint chunks of random lengths."""
    count = int(clip.shape.seconds / _SHORTEST) + 1
    lengths = np.random.default_rng((seed, count)).uniform(_SHORTEST, _LONGEST, count)
    return _chunked(clip, lengths, start, seed, shift=dose, tint=_TINT * dose)


def seam_colour(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Tint chunks, by gains of standard deviation `dose` / 100."""
    return _chunked(clip, _regular(clip, _EVERY), start, seed, shift=0.0, tint=_TINT * dose)


def seam_velocity(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Play chunks by turns slower and faster, by `dose` of the speed."""
    first = first_frame(clip.shape, start)
    number = chunks(clip.shape, first, _regular(clip, _EVERY))
    speeds = 1 + dose * np.where(number % 2 == 0, -1.0, 1.0)
    speeds[: first + 1] = 1.0
    return paced(clip, speeds)


def _regular(clip: Clip, every: float) -> NDArray[np.float64]:
    return np.full(int(clip.shape.seconds / every) + 1, every)


def _chunked(
    clip: Clip, lengths: NDArray[np.float64], start: float, seed: int, *, shift: float, tint: float
) -> Clip:
    """Return the clip with a shift and a gain per colour of each chunk but the first."""
    chunk = chunks(clip.shape, first_frame(clip.shape, start), lengths)
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 2 * np.pi, len(lengths) + 1)
    gains = 1 + tint * rng.standard_normal((len(lengths) + 1, 3))

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, k in enumerate(chunk[numbers]):
            if k:
                reach = pixels(shift, frames[i])
                down, right = round(reach * np.sin(angles[k])), round(reach * np.cos(angles[k]))
                frames[i] = gained(shifted(frames[i : i + 1], down, right)[0], gains[k])
        return frames

    return Changed(clip, apply)


SEAMS = {
    fault.name: fault
    for fault in (
        Fault("seam_regular", "Seams every 2 s", "px and 1 % of gain", (1.5, 3.0, 6.0),
              "throughout", seam_regular),
        Fault("seam_irregular", "Seams at random times", "px and 1 % of gain", (1.5, 3.0, 6.0),
              "throughout", seam_irregular),
        Fault("seam_velocity", "Seams of speed", "share of the speed", (0.15, 0.35, 0.7),
              "throughout", seam_velocity),
        Fault("seam_colour", "Seams of colour", "1 % of gain", (1.5, 3.0, 6.0), "throughout",
              seam_colour),
    )
}  # fmt: skip
