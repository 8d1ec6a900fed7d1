"""The Fréchet distance that infinitely many samples would have, from a line in 1 / n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.bootstrap import Interval
from lvbench.stats.frechet import Spread, frechet_of, spread
from lvbench.stats.subsampling import jackknife_interval

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# Below this many the distance bends away from a line in 1 / n (docs/statistics.md).
FEWEST = 128
POINTS = 10
GROUPS = 20


@dataclass(frozen=True, slots=True)
class Units:
    """Hold features by unit.

    Attributes:
        values: Features `(n, d)`.
        unit: The unit (video) of each, numbered from 0, `(n,)`.
    """

    values: Floats
    unit: Labels

    @property
    def count(self) -> int:
        """Return the number of units."""
        return int(self.unit.max()) + 1


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """Hold the distance at infinite n.

    Attributes:
        intercept: The distance at infinite n, with its interval.
        sizes: Units in each of the fitted subsets, `(p,)`.
        distances: The distance of each, `(p,)`.
    """

    intercept: Interval
    sizes: Labels
    distances: Floats


def extrapolate(
    fake: Units, real: Units | Spread, *, ddof: int = 1, points: int = POINTS, seed: int = 0
) -> Extrapolation:
    """Fit the distance of growing random subsets by a line in 1 / n, and return its intercept.

    Subsets have 128 units and more, evenly spaced in n. Where the real set's units are known both
    sides have n units, and the bias of both is taken off; a real set known by its moments keeps
    the bias of its own size. The interval comes from repeating everything with one
    twentieth of the units of a side left out.

    Args:
        fake: The set to evaluate.
        real: The real set, or its moments.
        ddof: As in `frechet_distance`.
        points: Sizes of subsets.
        seed: Seed of the subsets.

    Raises:
        ValueError: Fewer than 256 units on a side.

    Source:
        Chong, Forsyth, Effectively unbiased FID and Inception Score, CVPR 2020.
    """
    sides = [fake, real] if isinstance(real, Units) else [fake]
    least = min(side.count for side in sides)
    if least < 2 * FEWEST:
        raise ValueError(f"{least} units, where a line in 1 / n from {FEWEST} needs {2 * FEWEST}")
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(side.count) for side in sides]
    fixed = None if isinstance(real, Units) else real
    sizes, distances = _curve(sides, orders, fixed, ddof, points)
    left_out = []
    for i, order in enumerate(orders):
        found = []
        for group in range(GROUPS):
            fewer = list(orders)
            fewer[i] = order[np.arange(len(order)) % GROUPS != group]
            found.append(_intercept(*_curve(sides, fewer, fixed, ddof, points)))
        left_out.append(np.array(found))
    return Extrapolation(
        jackknife_interval(_intercept(sizes, distances), left_out), sizes, distances
    )


def _curve(
    sides: list[Units], orders: list[Labels], fixed: Spread | None, ddof: int, points: int
) -> tuple[Labels, Floats]:
    """Return the sizes of the subsets, each side's first units in its order, and distances."""
    most = min(len(order) for order in orders)
    sizes = np.unique(np.linspace(FEWEST, most, points).round().astype(np.intp))
    found = []
    for size in sizes:
        drawn = [
            spread(side.values[np.isin(side.unit, order[:size])], ddof)
            for side, order in zip(sides, orders, strict=True)
        ]
        found.append(frechet_of(drawn[0], drawn[1] if fixed is None else fixed).value)
    return sizes, np.array(found)


def _intercept(sizes: Labels, distances: Floats) -> float:
    return float(np.polynomial.polynomial.polyfit(1.0 / sizes, distances, 1)[0])
