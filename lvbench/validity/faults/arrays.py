"""Plant a fault of known dose in a clip, to show that a metric reacts to it.

Every function takes `uint8 (T, H, W, 3)` RGB and returns a new array of the same frame size. A
dose of zero returns the clip unchanged.
"""

from __future__ import annotations

import numpy as np

from lvbench.generators.baselines.pixel_faults import Clip, blurred, gained, shifted


def flicker(clip: Clip, dose: float, *, seed: int = 0) -> Clip:
    """Multiply every frame by a random gain from a normal distribution around 1.

    Args:
        clip: Frames.
        dose: Standard deviation of the gain; 0.01 is hard to see, 0.05 is obvious.
        seed: Seed of the gains.
    """
    gain = 1 + dose * np.random.default_rng(seed).standard_normal(len(clip))
    return gained(clip, gain)


def local_flicker(clip: Clip, dose: float, *, cell: int = 48, seed: int = 0) -> Clip:
    """Multiply square cells of every frame by random gains, like boiling texture.

    Args:
        clip: Frames.
        dose: Standard deviation of the gain.
        cell: Side of a cell in pixels.
        seed: Seed of the gains.
    """
    rng = np.random.default_rng(seed)
    _, height, width, _ = clip.shape
    rows, columns = -(-height // cell), -(-width // cell)
    out = np.empty_like(clip)
    for i, frame in enumerate(clip):
        gain = 1 + dose * rng.standard_normal((rows, columns))
        full = np.kron(gain, np.ones((cell, cell)))[:height, :width, None]
        out[i] = np.clip(np.rint(frame * full), 0, 255)
    return out


def freeze(clip: Clip, start: int, length: int) -> Clip:
    """Repeat frame `start` in place of the following `length` frames.

    Args:
        clip: Frames.
        start: Index of the repeated frame.
        length: Number of frames that are replaced.
    """
    out = clip.copy()
    out[start + 1 : start + 1 + length] = clip[start]
    return out


def loop(clip: Clip, start: int, period: int, repeats: int) -> Clip:
    """Repeat the frames `start .. start + period` `repeats` times in place of those that follow.

    Args:
        clip: Frames.
        start: First frame of the cycle.
        period: Frames in the cycle.
        repeats: Number of repetitions, truncated at the end of the clip.
    """
    out = clip.copy()
    end = min(len(clip), start + period * (repeats + 1))
    index = start + (np.arange(start + period, end) - start) % period
    out[start + period : end] = clip[index]
    return out


def seams(clip: Clip, every: int, dose: float, *, seed: int = 0) -> Clip:
    """Shift and tint the picture at every chunk boundary, like a chunked generator.

    Each chunk has its own displacement (random direction, `dose` pixels per 256 of width) and gain
    per channel (standard deviation `dose` / 100).

    Args:
        clip: Frames.
        every: Frames in a chunk.
        dose: Strength; 1 is hard to see, 6 is obvious.
        seed: Seed of the displacements and gains.
    """
    if dose == 0:
        return clip.copy()
    rng = np.random.default_rng(seed)
    out = clip.copy()
    for start in range(every, len(clip), every):
        angle = rng.uniform(0, 2 * np.pi)
        reach = dose * clip.shape[2] / 256
        dy, dx = round(reach * np.sin(angle)), round(reach * np.cos(angle))
        gain = 1 + dose / 100 * rng.standard_normal(3)
        chunk = shifted(clip[start : start + every], dy, dx) * gain
        out[start : start + every] = np.clip(np.rint(chunk), 0, 255)
    return out


def brightness_ramp(clip: Clip, dose: float) -> Clip:
    """Change the brightness linearly from the first to the last frame.

    Args:
        clip: Frames.
        dose: Relative gain at the end; 0.2 ends 20 % brighter, -0.2 darker.
    """
    return gained(clip, 1 + dose * np.linspace(0, 1, len(clip)))


def blur_ramp(clip: Clip, dose: float) -> Clip:
    """Increase blur linearly from the first to the last frame.

    Args:
        clip: Frames.
        dose: Standard deviation of the Gaussian at the end, in pixels.
    """
    return blurred(clip, dose * np.linspace(0, 1, len(clip)))


def colour_ramp(clip: Clip, dose: float) -> Clip:
    """Shift colours linearly towards warm: red up, blue down.

    Args:
        clip: Frames.
        dose: Relative gain of red at the end; blue falls by the same amount.
    """
    share = np.linspace(0, 1, len(clip))[:, None]
    return gained(clip, 1 + dose * share * np.array([1.0, 0.0, -1.0]))
