"""The lag of one series behind another, and whether it exceeds chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lag:
    """Describe the best alignment of two series.

    Attributes:
        lag: Samples by which the second comes after the first, at the first's middle.
        slope: Samples by which that grows per sample.
        correlation: Their normalised correlation there.
        z: Its height above the best alignments of the shuffled first series, in their standard
            deviations.
        rival: Largest correlation at lags away from the best, over that at the best.
        inside: Whether the best lag is within the searched range, not at its end.
    """

    lag: float
    slope: float
    correlation: float
    z: float
    rival: float
    inside: bool


def find_lag(
    first: ArrayLike,
    second: ArrayLike,
    *,
    slopes: ArrayLike = (0.0,),
    away: int = 10,
    block: int = 25,
    shuffles: int = 99,
    seed: int = 0,
) -> Lag | None:
    """Align a series with a longer one by normalised cross-correlation.

    The first series is stretched about its middle by each `1 + slope`, so that a lag that grows
    within it does not blur the peak. The null is the same search on the first series with
    shuffled blocks, which keeps the shape of its peaks and not their order.

    Args:
        first: `(n,)`.
        second: `(n + 2 * reach,)`: lags of `-reach` to `reach` samples are searched.
        slopes: Growth of the lag, samples per sample.
        away: Lags nearer to the best one than this are the same peak.
        block: Length of the shuffled blocks.
        shuffles: Number of shuffled series.
        seed: Seed of the shuffles.

    Returns:
        The alignment, its lag refined by a parabola; None where one of them does not vary.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    growth = np.atleast_1d(np.asarray(slopes, np.float64))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    rows = np.stack([x, *_shuffled(x, block, shuffles, seed)])
    found = _correlations(_stretched(rows, growth), y)
    best = found.max(axis=(1, 2))
    slope, at = np.unravel_index(int(found[0].argmax()), found[0].shape)
    reach = (len(y) - len(x)) // 2
    far = np.abs(np.arange(found.shape[2]) - at) > away
    spread = float(best[1:].std())
    inside = 0 < at < found.shape[2] - 1
    shift = _vertex(found[0, slope, at - 1 : at + 2]) if inside else 0.0
    return Lag(
        lag=float(at) + shift - reach,
        slope=float(growth[slope]),
        correlation=float(best[0]),
        z=float(best[0] - best[1:].mean()) / spread if spread > 0 else 0.0,
        rival=float(found[0][:, far].max(initial=0.0) / best[0]) if best[0] > 0 else 1.0,
        inside=inside,
    )


def _shuffled(x: Floats, block: int, shuffles: int, seed: int) -> list[Floats]:
    rng = np.random.default_rng(seed)
    blocks = np.array_split(x, max(1, len(x) // block))
    return [
        np.concatenate([blocks[k] for k in rng.permutation(len(blocks))]) for _ in range(shuffles)
    ]


def _stretched(rows: Floats, slopes: Floats) -> Floats:
    """Return each row stretched by each slope, centred and of length 1, `(rows, slopes, n)`."""
    n = rows.shape[1]
    middle = (n - 1) / 2
    parts = []
    for slope in slopes:
        source = middle + (np.arange(n) - middle) / (1 + slope)
        left = np.clip(np.floor(source), 0, n - 2).astype(np.intp)
        weight = np.clip(source - left, 0.0, 1.0)
        parts.append(rows[:, left] * (1 - weight) + rows[:, left + 1] * weight)
    stretched = np.stack(parts, axis=1)
    stretched -= stretched.mean(axis=-1, keepdims=True)
    size = np.sqrt((stretched**2).sum(axis=-1, keepdims=True))
    unit: Floats = stretched / np.maximum(size, np.finfo(np.float64).tiny)
    return unit


def _correlations(rows: Floats, y: Floats) -> Floats:
    """Return the normalised correlation at every lag, `(rows, slopes, lags)`."""
    n, lags = rows.shape[-1], len(y) - rows.shape[-1] + 1
    size = 1 << (len(y) - 1).bit_length()
    spectrum = np.fft.rfft(y, size)
    raw = np.fft.irfft(spectrum * np.conj(np.fft.rfft(rows, size, axis=-1)), size, axis=-1)
    sums, squares = (np.concatenate([[0.0], np.cumsum(v)]) for v in (y, y * y))
    total = sums[n:] - sums[:lags]
    variance = squares[n:] - squares[:lags] - total**2 / n
    least = 1e-9 * max(float(variance.max()), np.finfo(np.float64).tiny)
    correlation: Floats = raw[..., :lags] / np.sqrt(np.maximum(variance, least))
    return correlation


def _vertex(y: Floats) -> float:
    """Return where the parabola through three points has its top, relative to the middle one."""
    curvature = y[0] - 2 * y[1] + y[2]
    return float(0.5 * (y[0] - y[2]) / curvature) if curvature < 0 else 0.0
