"""Intervals by leaving units (videos) out, for distances that duplicates would inflate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

HALVES = 50


@dataclass(frozen=True, slots=True)
class Variance:
    """Hold the variance of a statistic from the units of one set.

    Attributes:
        value: Its variance; an array for a statistic of several numbers.
        units: Units of the set.
        draws: Subsets that it was estimated from.
    """

    value: Floats
    units: int
    draws: int


def subsampling_variance(
    statistic: Callable[[Labels], float | Floats],
    units: Labels,
    *,
    draws: int = HALVES,
    seed: int = 0,
) -> Variance:
    """Return the variance of a statistic from random halves of the units, without replacement.

    This is the delete-d jackknife with d of half the units, over drawn subsets: the variance
    between halves times `kept / left out`.

    Args:
        statistic: Takes the indices of the samples that stay; returns a number or an array.
        units: The unit of each sample, `(n,)`, numbered from 0: its samples stay or go together.
        draws: Halves to draw.
        seed: Seed of the draws.

    Raises:
        ValueError: Fewer than 4 units.

    Source:
        Shao, Wu, Ann. Statist. 17 (1989), 1176-1197.
    """
    count = int(units.max()) + 1
    if count < 4:
        raise ValueError(f"{count} units cannot be halved")
    rng, kept = np.random.default_rng(seed), count // 2
    values = []
    for _ in range(draws):
        stays = np.zeros(count, bool)
        stays[rng.permutation(count)[:kept]] = True
        values.append(statistic(np.flatnonzero(stays[units])))
    spread = np.var(np.asarray(values, np.float64), axis=0, ddof=1)
    return Variance(np.asarray(kept / (count - kept) * spread), count, draws)


@dataclass(frozen=True, slots=True)
class Error:
    """Hold the standard error of a statistic and its degrees of freedom."""

    value: Floats
    degrees: int

    def reach(self, level: float = 0.95) -> Floats:
        """Return half the width of Student's interval."""
        from scipy.special import stdtrit

        return np.asarray(stdtrit(self.degrees, (1 + level) / 2) * self.value)

    def p_value(self, estimate: Floats | float) -> Floats:
        """Return the two-sided p-value of an estimate against 0; 1 for one of 0 without error."""
        from scipy.special import stdtr

        sure = np.where(np.asarray(estimate) == 0.0, 0.0, np.inf)
        ratio = np.divide(np.abs(estimate), self.value, out=sure, where=self.value > 0)
        return np.asarray(2 * stdtr(self.degrees, -ratio))


def standard_error(variances: Sequence[Variance]) -> Error | None:
    """Return the standard error of a statistic; None where a set has fewer than 8 units.

    Args:
        variances: One for each independent set that the statistic depends on.
    """
    fewest = min(v.units for v in variances)
    if fewest < FEWEST_CLUSTERS:
        return None
    total = np.sum([v.value for v in variances], axis=0)
    return Error(np.sqrt(total), min(fewest, *(v.draws for v in variances)) - 1)


def interval(value: float, half_width: float | None, draws: int = HALVES) -> Interval:
    """Return the interval of an estimate from halves.

    Args:
        value: The estimate.
        half_width: Its `Error.reach`; None for no interval.
        draws: Number of halves, for the method's name.
    """
    if half_width is None:
        return Interval(value, None, None, "too_few")
    return Interval(value, value - half_width, value + half_width, f"halves-{draws}")


def squared_interval(root: float, half_width: float | None, draws: int = HALVES) -> Interval:
    """Return the interval of a squared distance, symmetric about its root; see `interval`."""
    found = interval(root, half_width, draws)
    if found.low is None or found.high is None:
        return Interval(root**2, None, None, found.method)
    return Interval(root**2, max(found.low, 0.0) ** 2, found.high**2, found.method)


def jackknife_interval(value: float, left_out: Sequence[Floats], level: float = 0.95) -> Interval:
    """Return the interval of an estimate from its values with one unit left out after the other.

    Args:
        value: The estimate with all units.
        left_out: For each independent set that the estimate depends on, its values with each unit
            of that set left out, `(u,)`.
        level: Coverage of the interval.

    Returns:
        The interval; none (`too_few`) where a set has fewer than 8 units.

    Source:
        Efron, Stein, Ann. Statist. 9 (1981), 586-596.
    """
    variances = [Variance(np.asarray((len(v) - 1) * np.var(v)), len(v), len(v)) for v in left_out]
    error = standard_error(variances)
    if error is None:
        return Interval(value, None, None, "too_few")
    width = float(error.reach(level))
    return Interval(value, value - width, value + width, "jackknife")
