"""When a series breaks: a step, tested against white noise, autoregressive noise, random walks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_MEMORIES = (0.0, 0.5, 0.8, 0.95, 1.0)
_HEAVY_TAIL = 2.0  # degrees of freedom of Student's t, without memory
_NULL_SERIES = 600  # of each kind
_AT_ONCE = 7500  # of their values in memory


@dataclass(frozen=True, slots=True)
class Onset:
    """Hold the largest step of a series, whether or not it is significant.

    Attributes:
        time: Seconds: the boundary between two segments.
        p_value: In (0, 1], under the least favourable null.
    """

    time: float
    p_value: float


def find_onset(t: Floats, y: Floats, *, seed: int = 0) -> Onset:
    """Find the largest step of a series, and compare it with the other changes of the series.

    A step's size is the difference of the means of the two segments after it and the two before,
    or, where that is smaller, of the medians of three: one outlier is no step. The statistic is
    the size of the largest step over the mean absolute difference of such means two or more
    segments away. It is nearly the same for noise of any memory, from white noise to a random walk.

    Args:
        t: Segment centres in seconds, float64 `(n,)`, increasing, n >= 10.
        y: Values, float64 `(n,)`, not all equal.
        seed: Seed of the null series.

    Returns:
        The step and its p-value: the largest share, over nulls of different memory and tails, of
        series without a step that have as large a statistic.
    """
    statistic, at = _largest_step(y[None])
    reached = (_null(len(y), seed) >= statistic[0]).sum(1).max()
    k = int(at[0])
    return Onset(float((t[k - 1] + t[k]) / 2), float((1 + reached) / (1 + _NULL_SERIES)))


def _largest_step(y: Floats) -> tuple[Floats, Indices]:
    """Return per row of `y (series, n)` the statistic and the first index after the step."""
    pairs = sliding_window_view(y, 2, axis=1).mean(-1)
    triples = np.median(sliding_window_view(y, 3, axis=1), -1)
    change = pairs[:, 2:] - pairs[:, :-2]  # column j: a step before index j + 2
    lasting = triples[:, 3:] - triples[:, :-3]  # column j: a step before index j + 3
    short = change[:, 1:-1]
    size = np.where(short * lasting > 0, np.minimum(np.abs(short), np.abs(lasting)), 0.0)
    best = size.argmax(1)
    away = np.abs(np.arange(change.shape[1]) - (best[:, None] + 1)) >= 2
    spread: Floats = np.abs(change).mean(1, where=away)
    largest = np.take_along_axis(size, best[:, None], 1)[:, 0]
    statistic: Floats = np.divide(
        largest, spread, out=np.full(len(y), np.inf), where=spread > 1e-9 * largest
    )
    statistic[largest <= 0] = 0.0
    return statistic, _placed(y, best + 3)


def _placed(y: Floats, k: Indices) -> Indices:
    """Return the place of the largest single change in the direction of the step, next to `k`."""
    near = np.clip(k[:, None] + np.array([0, -1, 1]), 1, y.shape[1] - 1)
    rows = np.arange(len(y))[:, None]
    jump = y[rows, near] - y[rows, near - 1]
    after, before = np.clip(k + 1, 0, y.shape[1] - 1), np.clip(k - 2, 0, None)
    sign = np.sign(y[rows[:, 0], after] - y[rows[:, 0], before])
    placed: Indices = near[rows[:, 0], (jump * sign[:, None]).argmax(1)]
    return placed


@lru_cache(maxsize=32)
def _null(n: int, seed: int) -> Floats:
    """Return the statistic of series without a step, `(kinds, series)`."""
    rng = np.random.default_rng((seed, n))
    rows = max(1, min(_NULL_SERIES, _AT_ONCE // n))
    parts = [(min(rows, _NULL_SERIES - first), n) for first in range(0, _NULL_SERIES, rows)]
    found = [[_largest_step(rng.standard_t(_HEAVY_TAIL, part))[0] for part in parts]]
    for memory in _MEMORIES:
        found.append([])
        for part in parts:
            noise = rng.standard_normal(part)
            noise[:, 1:] *= np.sqrt(1.0 - memory * memory) or 1.0
            for i in range(1, n):
                noise[:, i] += memory * noise[:, i - 1]
            found[-1].append(_largest_step(noise)[0])
    return np.array([np.concatenate(kind) for kind in found])
