"""A long clip as windows, each of which shares its first frames with the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lvbench.generators.contract.plan import Limits


@dataclass(frozen=True, slots=True)
class Window:
    """One call of a pipeline.

    Attributes:
        first: Number of the first frame that is new.
        count: How many are kept.
        made: How many the pipeline is asked for.
        shared: How many of them were there before.
    """

    first: int
    count: int
    made: int
    shared: int


def windows(frames: int, limits: Limits, overlap: int) -> Iterator[Window]:
    """Yield the windows of a clip.

    Args:
        frames: Number of the clip's frames.
        limits: What one window can be.
        overlap: Frames that a later window shares with the one before.

    Raises:
        ValueError: The windows are not longer than what they share.
    """
    most = limits.most_frames or raised(frames, limits)
    if most <= overlap < frames:
        raise ValueError(f"windows of {most} frames that share {overlap}")
    first = 0
    while first < frames:
        shared = overlap if first else 0
        made = min(most, raised(frames - first + shared, limits))
        count = min(made - shared, frames - first)
        yield Window(first, count, made, shared)
        first += count


def raised(value: int, limits: Limits) -> int:
    """Return the least number of frames, not below `value`, that a window can have."""
    steps = -(-(value - limits.frames_plus) // limits.frames_multiple)
    return max(0, steps) * limits.frames_multiple + limits.frames_plus
