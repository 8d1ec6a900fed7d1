"""The exponent of a power law: the growth of a quantity with a size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import Interval
from lvbench.stats.subsampling import Error

FEWEST_SIZES = 3
_APART = 1.1


def distinct_sizes(size: ArrayLike) -> int:
    """Return the number of sizes that differ by a tenth or more."""
    return int(groups_of_size(size).max(initial=-1)) + 1


def groups_of_size(size: ArrayLike) -> NDArray[np.int64]:
    """Return for every size the number of its group, smallest first, from 0.

    A group reaches from its smallest member to less than a tenth above it.
    """
    sizes = np.asarray(size, np.float64)
    group = np.zeros(len(sizes), np.int64)
    count, first = -1, 0.0
    for at in np.argsort(sizes, kind="stable"):
        if count < 0 or sizes[at] >= _APART * first:
            count, first = count + 1, float(sizes[at])
        group[at] = count
    return group


def exponent(size: ArrayLike, cost: ArrayLike, level: float = 0.95) -> Interval:
    """Return `k` of `cost ~ size ** k` with Student's interval of the least-squares slope in logs.

    Args:
        size: Sizes `(n,)`, above 0.
        cost: Cost of each, `(n,)`, above 0.
        level: Coverage of the interval.

    Raises:
        ValueError: Fewer than 3 sizes that differ by a tenth, or a number that is not above 0.
    """
    s, c = np.asarray(size, np.float64), np.asarray(cost, np.float64)
    if not (np.isfinite(s) & np.isfinite(c) & (s > 0) & (c > 0)).all():
        raise ValueError("sizes and costs must be finite and above 0")
    if distinct_sizes(s) < FEWEST_SIZES:
        raise ValueError(f"{distinct_sizes(s)} sizes that differ by a tenth, fewer than 3")
    x, y = np.log(s) - np.log(s).mean(), np.log(c)
    spread = float((x**2).sum())
    slope = float((x * y).sum() / spread)
    rest = y - y.mean() - slope * x
    degrees = len(x) - 2
    error = Error(np.asarray(np.sqrt((rest**2).sum() / degrees / spread)), degrees)
    reach = float(error.reach(level))
    return Interval(slope, slope - reach, slope + reach, "ols-t")
