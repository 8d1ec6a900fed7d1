"""The Fréchet distance of two samples of one distribution: the floor of a value."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.frechet import frechet_of, spread, spread_of_moments

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

DRAWS = 10


def split_floor(
    values: Floats, videos: Labels, n: int, *, ddof: int = 1, draws: int = DRAWS, seed: int = 0
) -> float:
    """Return the mean distance between two disjoint random halves of `n` videos each.

    Args:
        values: Features of a real set, `(windows, d)`.
        videos: The video of each window, numbered from 0; its windows stay together.
        n: Videos on either side.
        ddof: As in `frechet_distance`.
        draws: Splits.
        seed: Seed of the splits.

    Raises:
        ValueError: There are fewer than `2 n` videos.
    """
    count = int(videos.max()) + 1
    if count < 2 * n:
        raise ValueError(f"{count} videos cannot be split into twice {n}")
    rng, found = np.random.default_rng(seed), []
    for _ in range(draws):
        drawn = rng.permutation(count)
        sides = (drawn[:n], drawn[n : 2 * n])
        a, b = (spread(values[np.isin(videos, side)], ddof) for side in sides)
        found.append(frechet_of(a, b).value)
    return float(np.mean(found))


def gaussian_floor(
    mean: ArrayLike,
    covariance: ArrayLike,
    n: int,
    *,
    ddof: int = 1,
    draws: int = DRAWS,
    seed: int = 0,
) -> float:
    """Return the mean distance between two samples of `n` from one Gaussian.

    Args:
        mean: Mean `(d,)`.
        covariance: Covariance `(d, d)`.
        n: Samples on either side.
        ddof: As in `frechet_distance`.
        draws: Pairs of samples.
        seed: Seed of the draws.
    """
    known = spread_of_moments(mean, covariance)
    # The symmetric root: the arbitrary sign of an eigenvector cannot change the draws.
    scale = np.linalg.norm(known.factor, axis=0)
    vectors = known.factor / np.where(scale > 0, scale, 1.0)
    root = vectors * scale @ vectors.T
    rng, found = np.random.default_rng(seed), []
    for _ in range(draws):
        a, b = (spread(rng.standard_normal((n, len(root))) @ root, ddof) for _ in range(2))
        found.append(frechet_of(a, b).value)
    return float(np.mean(found))
