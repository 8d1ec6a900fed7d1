"""Precision, recall, density and coverage of two sets of features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.frechet import samples

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

_ROWS = 1024  # of the matrix of distances at a time: it is never complete in memory


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Hold the contribution of each sample; a quantity is the mean of its array.

    Attributes:
        precision: 1 for a fake sample in the ball of any real one, float64 `(m,)`.
        recall: 1 for a real sample in the ball of any fake one, `(n,)`.
        density: Real balls around a fake sample, divided by k, `(m,)`.
        coverage: 1 for a real sample whose ball has any fake one, `(n,)`.
    """

    precision: Floats
    recall: Floats
    density: Floats
    coverage: Floats


def nearest_neighbours(
    real: ArrayLike,
    fake: ArrayLike,
    k: int = 5,
    units_real: Labels | None = None,
    units_fake: Labels | None = None,
) -> Neighbours:
    """Compare two sets by balls that reach from each sample to its k-th neighbour in its own set.

    Args:
        real: Features `(n, d)`, finite.
        fake: Features `(m, d)`, finite.
        k: Which neighbour a ball reaches; balls are open.
        units_real: The unit (video) of each real sample: the samples of one unit are not each
            other's neighbours. Each sample is its own if left out.
        units_fake: The same for fake.

    Raises:
        ValueError: A set that is empty or has one sample, other dimensions than the other, a
            value that is not finite, or a sample with fewer than k neighbours of other units.

    Source:
        Kynkäänniemi et al., NeurIPS 2019 (precision, recall); Naeem et al., ICML 2020 (density,
        coverage; their code's open balls).

    Examples:
        >>> import numpy as np
        >>> from lvbench.stats import nearest_neighbours
        >>> real, fake = np.random.default_rng(0).normal(size=(2, 200, 2))
        >>> found = nearest_neighbours(real, fake)
        >>> round(float(found.precision.mean()), 3), round(float(found.coverage.mean()), 3)
        (1.0, 0.955)
    """
    r, f = samples(real, "real"), samples(fake, "fake")
    if r.shape[1] != f.shape[1]:
        raise ValueError(f"features of {r.shape[1]} and of {f.shape[1]} dimensions")
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    centre = r.mean(axis=0)  # squares of small numbers lose fewer digits
    r, f = r - centre, f - centre
    radius_r, radius_f = _radii(r, k, units_real), _radii(f, k, units_fake)
    precision, density = np.empty(len(f)), np.empty(len(f))
    recalled, covered = np.zeros(len(r), bool), np.zeros(len(r), bool)
    for i in range(0, len(f), _ROWS):
        block = slice(i, i + _ROWS)
        distance = _distances(f[block], r)
        inside = distance < radius_r
        precision[block], density[block] = inside.any(axis=1), inside.sum(axis=1) / k
        covered |= inside.any(axis=0)
        recalled |= (distance < radius_f[block, None]).any(axis=0)
    return Neighbours(precision, recalled.astype(np.float64), density, covered.astype(np.float64))


def _radii(x: Floats, k: int, units: Labels | None) -> Floats:
    """Return the squared distance of each sample to its k-th neighbour of another unit."""
    units = np.arange(len(x)) if units is None else units
    most = len(x) - int(np.bincount(units).max())
    if most < k:
        raise ValueError(f"k = {k} neighbours requested where a sample has {most}")
    found = []
    for i in range(0, len(x), _ROWS):
        distance = _distances(x[i : i + _ROWS], x)
        distance[units[i : i + _ROWS, None] == units[None, :]] = np.inf
        found.append(np.partition(distance, k - 1, axis=1)[:, k - 1])
    return np.concatenate(found)


def _distances(x: Floats, y: Floats) -> Floats:
    """Return squared distances `(n, m)`."""
    squares = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(squares - 2 * x @ y.T, 0.0))
