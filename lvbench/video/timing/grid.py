"""Put frames that an export or a jittered clock moved back onto the grid of their own rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_FEWEST = 8  # Frames that a grid needs.
_EXPORT = 0.75  # Of a coded step: a conversion moves a picture by half of one.
_FIRST = 0.6  # Of the grid's step, by which the first picture may be off.
_JITTER = 0.5  # Of the grid's step.
_EXACT = 2e-3  # Seconds: containers that stamp in milliseconds are off by less.
_BY_STAMPS = 0.5  # Slope of progress over time: above it pictures move by their stamps.


def on_grid(pts: Floats, new: Mask, beat: Mask, progress: Floats, end: float) -> Floats:
    """Return the times of the distinct pictures in seconds.

    Where a rate conversion repeats frames, distinct pictures come at uneven times although they
    were made at even ones; the straight line through their times is their own clock. The same
    applies where stamps scatter around a regular rate and the pictures move by even steps.
    Elsewhere times are unchanged.

    Args:
        pts: Seconds of the coded frames.
        new: Which of them are distinct pictures.
        beat: Which repeat one in the beat of a rate conversion.
        progress: Of every pair of coded frames, see `presentation`.
        end: Seconds at which the last frame ends.
    """
    times = pts[new]
    out = times.copy()
    if len(times) < _FEWEST:
        return out
    count = np.add.reduceat(np.ones(len(pts)), np.flatnonzero(new))
    beats = np.add.reduceat(beat.astype(float), np.flatnonzero(new))
    step = float(np.median(np.diff(pts)))
    if beat.any():
        # A picture that is repeated off the beat too is held: the grid breaks there.
        held = count - 1 > beats
        # Where each frame shows the nearest picture, the first one lacks half of its time.
        for first, last in _stretches(times[1:], held[1:], _EXPORT * step):
            out[first + 1 : last + 1] = _clock(times[first : last + 1], step, begins=first == 0)
    elif new.all() and _even(pts, progress):
        for first, last in _stretches(times[1:], ~new[1:], _JITTER * step):
            line = _clock(times[first : last + 1], step, begins=first == 0)
            if np.abs(line - times[first + 1 : last + 1]).max() > _EXACT:
                out[first + 1 : last + 1] = line
    return _increasing(out, end)


def _even(pts: Floats, progress: Floats) -> bool:
    """Return whether pictures move by even steps although their stamps are uneven."""
    dt = np.diff(pts)
    if len(dt) < _FEWEST:
        return False
    share = dt[1:-1] / (dt[:-2] + dt[1:-1] + dt[2:])
    spread = share - share.mean()
    if np.abs(spread).max() < 0.01:
        return False
    moved = np.clip(progress[1:-1], -1.0, 1.0)
    return bool((spread @ moved) / (spread @ spread) < _BY_STAMPS)


def _line(times: Floats) -> Floats:
    """Return the straight line through the times, by least squares."""
    index = np.arange(len(times)) - (len(times) - 1) / 2
    slope = (index @ times) / (index @ index)
    return np.asarray(times.mean() + slope * index)


def _clock(times: Floats, step: float, *, begins: bool) -> Floats:
    """Return the times of a stretch by its own clock: a common rate where one fits as well.

    Args:
        times: Seconds of the picture before, and of those of the stretch.
        step: Seconds between coded frames.
        begins: Whether the video begins with the picture before, and maybe the clock with it.
    """
    before, times = times[0], times[1:]
    line = _line(times)
    slope = float(line[1] - line[0])
    own = 1 / slope
    for rate in (round(own), round(2 * own) / 2, round(1.001 * own) / 1.001):
        if rate and abs(1 / rate - slope) * len(times) < _EXPORT * step:
            slope = 1 / rate
            break
    middle = (len(times) - 1) / 2
    start = times.mean() - slope * middle
    if begins and abs(start - slope - before) < _FIRST * slope:
        start = before + slope
    return np.asarray(start + slope * np.arange(len(times)))


def _stretches(times: Floats, breaks: Mask, most: float) -> list[tuple[int, int]]:
    """Return the longest stretches `(first, last + 1)` on a straight line, greedily by time."""
    found = []
    first = 0
    while len(times) - first >= _FEWEST:
        stop = first + 1
        held = np.flatnonzero(breaks[first:])
        limit = first + int(held[0]) + 1 if len(held) else len(times)
        low, high = first + _FEWEST, limit
        if high < low or not _fits(times[first:low], most):
            first = max(first + 1, stop)
            continue
        while low < high:
            middle = (low + high + 1) // 2
            if _fits(times[first:middle], most):
                low = middle
            else:
                high = middle - 1
        found.append((first, low))
        first = low
    return found


def _fits(times: Floats, most: float) -> bool:
    return bool(np.abs(_line(times) - times).max() <= most)


def _increasing(times: Floats, end: float) -> Floats:
    """Return the times, each after the one before it and none after the end."""
    least = 1e-4
    rising = np.maximum.accumulate(times - least * np.arange(len(times)))
    out: Floats = np.minimum(rising, end - least * len(times)) + least * np.arange(len(times))
    return out
