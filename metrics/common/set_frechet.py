"""The Fréchet distance of two sets of windows, with its interval over videos and its floor."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.set_comparison import Pair, Side
from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval
from lvbench.stats.floor import gaussian_floor, split_floor
from lvbench.stats.frechet import Frechet, Spread, frechet_of, spread, spread_of_moments
from lvbench.stats.subsampling import squared_interval, standard_error, subsampling_variance

Labels = NDArray[np.intp]

FLOORS = {
    "splits": "mean over disjoint random splits of the real videos, this many on either side",
    "gaussian": "mean over pairs of Gaussian samples with the real set's moments, this many "
    "windows on either side, each taken as independent: too few real videos to split",
}
"""How a floor was made, by the `ci_method` of its score."""


def real_spread(pair: Pair, ddof: int) -> Spread:
    """Return the real set's mean and covariance factor, from its windows where they are known."""
    if pair.real is not None:
        return spread(pair.real.values, ddof)
    n = pair.moments.n
    return spread_of_moments(pair.moments.mean, pair.moments.covariance * ((n - 1) / (n - ddof)))


def frechet_interval(pair: Pair, ddof: int, halves: int, seed: int) -> tuple[Frechet, Interval]:
    """Return the distance and its interval over videos, those of one prompt together.

    Both sets count as drawn; a real set known by its moments counts as fixed.
    """
    here, there = spread(pair.fake.values, ddof), real_spread(pair, ddof)
    parts = frechet_of(here, there)
    against = [(pair.fake, there)] + ([(pair.real, here)] if pair.real is not None else [])
    units = [int(side.unit.max()) + 1 for side, _ in against]
    error = None
    if min(units) >= FEWEST_CLUSTERS:
        error = standard_error(
            [
                subsampling_variance(
                    partial(_root, side, other, ddof), side.unit, draws=halves, seed=seed + i
                )
                for i, (side, other) in enumerate(against)
            ]
        )
    root = float(np.sqrt(max(parts.value, 0.0)))
    width = None if error is None else float(error.reach())
    return parts, squared_interval(root, width, halves)


def _root(side: Side, other: Spread, ddof: int, keep: Labels) -> float:
    distance = frechet_of(spread(side.values[keep], ddof), other).value
    return float(np.sqrt(max(distance, 0.0)))


def floor_of(pair: Pair, ddof: int, seed: int) -> tuple[float, str]:
    """Return the distance between real videos at the fake set's n, and its method.

    Splits take as many real videos on either side as there are fake ones, and of each no more
    windows than a fake one has.
    """
    fake, real = pair.fake, pair.real
    if real is not None and real.videos >= 2 * fake.videos:
        most = int(np.bincount(fake.video).max())
        kept = _first_windows(real, most)
        floor = split_floor(real.values[kept], real.video[kept], fake.videos, ddof=ddof, seed=seed)
        return floor, "splits"
    mean, covariance = pair.moments.mean, pair.moments.covariance
    n = len(fake.values)
    return gaussian_floor(mean, covariance, n, ddof=ddof, seed=seed), "gaussian"


def _first_windows(side: Side, most: int) -> Labels:
    """Return the indices of the first `most` windows of every video."""
    starts = np.searchsorted(side.video, np.arange(side.videos))
    return np.flatnonzero(np.arange(len(side.video)) - starts[side.video] < most)
