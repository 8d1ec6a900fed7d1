"""Intervals by leaving units out, for distances that duplicates would inflate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


def left_out_values(
    statistic: Callable[[Labels], float], units: Labels, groups: int, seed: int
) -> Floats:
    """Return a statistic with one group of units left out after the other.

    Args:
        statistic: Takes the indices of the samples that stay.
        units: The unit of each sample, `(n,)`, numbered from 0: all samples of a unit go at once.
        groups: Groups into which the units are shuffled; as many as units if there are fewer.
        seed: Seed of the shuffle.

    Returns:
        One value per group, `(g,)`.
    """
    count = int(units.max()) + 1
    shuffled = np.random.default_rng(seed).permutation(count)
    parts = np.array_split(shuffled, min(groups, count))
    return np.array([statistic(np.flatnonzero(~np.isin(units, part))) for part in parts])


def student_interval(value: float, left_out: Sequence[Floats], level: float = 0.95) -> Interval:
    """Return the interval of an estimate from its jackknife values, Student's t on either side.

    Args:
        value: The estimate with all units.
        left_out: For each independent set that the estimate depends on, its values with one group
            of that set left out.
        level: Coverage of the interval.

    Returns:
        The interval; none (`too_few`) where a set has fewer than 8 groups.

    Source:
        Shao, Wu, Ann. Statist. 17 (1989), 1176-1197 (the delete-d jackknife).
    """
    from scipy.stats import t as student

    fewest = min(len(values) for values in left_out)
    if fewest < FEWEST_CLUSTERS:
        return Interval(value, None, None, "too_few")
    variances = [(len(v) - 1) / len(v) * float(((v - v.mean()) ** 2).sum()) for v in left_out]
    reach = float(student.ppf((1 + level) / 2, fewest - 1)) * float(np.sqrt(sum(variances)))
    return Interval(value, value - reach, value + reach, f"jackknife-{fewest}")
