"""How a quantity grows with a size: the exponent of a power law."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lvbench.stats.bootstrap import Interval
from lvbench.stats.subsampling import Error

FEWEST_SIZES = 3
_APART = 1.1


def distinct_sizes(size: ArrayLike) -> int:
    """Return how many sizes there are that lie a tenth apart or more."""
    count, last = 0, 0.0
    for one in np.sort(np.asarray(size, np.float64)):
        if one >= _APART * last:
            count, last = count + 1, float(one)
    return count


def exponent(size: ArrayLike, cost: ArrayLike, level: float = 0.95) -> Interval:
    """Return `k` of `cost ~ size ** k` with Student's interval of the least-squares slope in logs.

    Args:
        size: Sizes `(n,)`, above 0.
        cost: What each took, `(n,)`, above 0.
        level: Coverage of the interval.

    Raises:
        ValueError: Fewer than 3 sizes that lie a tenth apart, or a number that is not above 0.
    """
    s, c = np.asarray(size, np.float64), np.asarray(cost, np.float64)
    if not (np.isfinite(s) & np.isfinite(c) & (s > 0) & (c > 0)).all():
        raise ValueError("sizes and costs must be finite and above 0")
    if distinct_sizes(s) < FEWEST_SIZES:
        raise ValueError(f"{distinct_sizes(s)} sizes that lie a tenth apart, fewer than 3")
    x, y = np.log(s) - np.log(s).mean(), np.log(c)
    spread = float((x**2).sum())
    slope = float((x * y).sum() / spread)
    rest = y - y.mean() - slope * x
    degrees = len(x) - 2
    error = Error(np.asarray(np.sqrt((rest**2).sum() / degrees / spread)), degrees)
    reach = float(error.reach(level))
    return Interval(slope, slope - reach, slope + reach, "ols-t")
