"""Faults of time: uneven pace, lost and repeated frames, freezes, loops, slow motion, disorder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.validity.clip import Blended, Clip, Numbers, Reordered
from lvbench.validity.clip import Shape as Size
from lvbench.validity.faults.fault import Fault

_PERIOD = 2.0  # seconds of a loop's cycle
_FADE = 0.4  # seconds over which a cycle's end dissolves into its start
_WINDOW = 0.75  # seconds


def first_frame(size: Size, start: float) -> int:
    """Return the number of the first frame at or after `start` (seconds)."""
    return min(size.frames, int(np.ceil(start * size.fps - 1e-9)))


def judder(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Show each frame up to `dose` frames too early or too late, never backwards."""
    number = np.arange(clip.shape.frames)
    first = first_frame(clip.shape, start)
    places = number + np.random.default_rng(seed).uniform(-dose, dose, len(number))
    places = np.where(number <= first, number, np.maximum(places, first))
    numbers = np.maximum.accumulate(np.rint(places)).astype(np.intp)
    return Reordered(clip, np.minimum(numbers, len(number) - 1))


def dropped_frames(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Lose a random `dose` of the frames: the last one that came is shown until the next comes."""
    number = np.arange(clip.shape.frames)
    lost = np.random.default_rng(seed).random(len(number)) < dose
    lost &= number > first_frame(clip.shape, start)
    return Reordered(clip, np.maximum.accumulate(np.where(lost, 0, number)))


def doubled_frames(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Show a random `dose` of the frames a second time; the clip falls behind by so much."""
    number = np.arange(clip.shape.frames)
    repeated = np.random.default_rng(seed).random(len(number)) < dose
    repeated &= number > first_frame(clip.shape, start)
    return Reordered(clip, number - np.cumsum(repeated))


def freeze(clip: Clip, dose: float, *, start: float, seed: int = 0) -> Clip:
    """Hold the frame at `start` for `dose` seconds, then go on with the frames of that time."""
    numbers = np.arange(clip.shape.frames)
    first = first_frame(clip.shape, start)
    numbers[first : first + 1 + round(dose * clip.shape.fps)] = min(first, len(numbers) - 1)
    return Reordered(clip, numbers)


def loop(
    clip: Clip,
    dose: float,
    *,
    start: float,
    seed: int = 0,
    period: float = _PERIOD,
    fade: float = 0.0,
) -> Clip:
    """Repeat the `period` seconds after `start` in place of the next `dose` of the clip.

    With `fade`, the last `fade` seconds of a cycle dissolve into what precedes the cycle's start.
    """
    size = clip.shape
    first = first_frame(size, start)
    cycle = max(1, min(round(period * size.fps), (size.frames - first) // 2))
    numbers = np.arange(size.frames)
    end = min(size.frames, first + cycle + round(dose * size.frames))
    numbers[first:end] = first + np.arange(end - first) % cycle
    faded = min(round(fade * size.fps), first, cycle)
    if not faded:
        return Reordered(clip, numbers)
    share = (numbers - (first + cycle - faded) + 1) / (faded + 1)
    inside = np.zeros(size.frames, bool)
    inside[first : first + (end - first - 1) // cycle * cycle] = True
    share = np.where(inside, np.clip(share, 0, 1), 0)
    return Blended(clip, numbers, np.maximum(numbers - cycle, 0), share)


def loop_faded(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Loop with a dissolve at each wrap."""
    return loop(clip, dose, start=start, fade=_FADE)


def slow_motion(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Play at 1 / (1 + `dose`) of the speed; frames between two are mixed."""
    places = np.arange(clip.shape.frames, dtype=np.float64)
    first = first_frame(clip.shape, start)
    places[first:] = first + (places[first:] - first) / (1 + dose)
    return Blended.at(clip, places)


def reversed_time(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Play the next `dose` of the clip backwards."""
    numbers = np.arange(clip.shape.frames)
    first = first_frame(clip.shape, start)
    part = slice(first, first + round(dose * len(numbers)))
    numbers[part] = numbers[part][::-1].copy()
    return Reordered(clip, numbers)


def shuffled(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Permute a random `dose` of the clip's windows of 0.75 seconds."""
    size = clip.shape
    first = first_frame(size, start)
    window = max(1, min(round(_WINDOW * size.fps), (size.frames - first) // 4))
    numbers = np.arange(size.frames)
    count = (size.frames - first) // window
    rows = numbers[first : first + count * window].reshape(count, window)
    moved = np.random.default_rng(seed).permutation(count)[: max(2, round(dose * count))]
    rows[moved] = rows[np.roll(moved, 1)].copy()
    return Reordered(clip, numbers)


def paced(clip: Clip, speeds: NDArray[np.float64]) -> Clip:
    """Return the clip at a speed for each frame, 1 being its own."""
    return Blended.at(clip, np.concatenate([[0.0], np.cumsum(speeds[1:])]))


def chunks(size: Size, first: int, lengths: NDArray[np.float64]) -> Numbers:
    """Return the number of the chunk of each frame, 0 up to the end of the first chunk.

    Args:
        size: Size of the clip.
        first: Frame at which the first chunk begins.
        lengths: Seconds of each chunk.
    """
    ends = first + np.maximum(1, np.rint(np.cumsum(lengths) * size.fps))
    return np.searchsorted(ends, np.arange(size.frames), side="right")


TIMING = {
    fault.name: fault
    for fault in (
        Fault("judder", "Judder", "frames", (0.65, 1.2, 2.5), "throughout", judder),
        Fault("dropped_frames", "Lost frames", "share", (0.05, 0.15, 0.4), "throughout",
              dropped_frames),
        Fault("doubled_frames", "Repeated frames", "share", (0.05, 0.15, 0.4), "throughout",
              doubled_frames),
        Fault("freeze", "Freeze", "seconds", (0.7, 2.0, 5.0), "event", freeze, 0.3),
        Fault("loop", "Loop", "share of repeats", (0.15, 0.35, 0.6), "event", loop, 0.1),
        Fault("loop_faded", "Loop with dissolves", "share of repeats", (0.15, 0.35, 0.6), "event",
              loop_faded, 0.1),
        Fault("slow_motion", "Slow motion", "factor - 1", (0.25, 0.5, 1.0), "throughout",
              slow_motion),
        Fault("reversed", "Reversed time", "share", (0.3, 0.6, 0.9), "event", reversed_time),
        Fault("shuffled", "Shuffled windows", "share", (0.25, 0.5, 1.0), "throughout", shuffled),
    )
}  # fmt: skip
