"""The kernel distance between two sets of features: squared maximum mean discrepancy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import Interval
from lvbench.stats.frechet import samples
from lvbench.stats.subsampling import jackknife_interval

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

_ROWS = 1024  # of the kernel's matrix at a time: it is never complete in memory


@dataclass(frozen=True, slots=True)
class Polynomial:
    """The kernel `(gamma x.y + coef0) ** degree`."""

    degree: int
    gamma: float
    coef0: float

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Return the kernel of every row of x with every row of y."""
        return np.asarray((self.gamma * (x @ y.T) + self.coef0) ** self.degree)


def kernel_distance(
    x: ArrayLike,
    y: ArrayLike,
    degree: int = 3,
    gamma: float | None = None,
    coef0: float = 1.0,
    unbiased: bool = True,
) -> float:
    """Return the squared maximum mean discrepancy with a polynomial kernel, in float64.

    The defaults are those of KID and KVD, over all samples at once; KID's mean over subsets is
    the mean of this over draws. JEDi's is degree 2, coef0 0, biased, times 100.

    Args:
        x: Features `(n, d)`, finite, at least 2 samples.
        y: Features `(m, d)`, likewise.
        degree: Degree of the kernel.
        gamma: Factor of the inner product; 1 / d if left out.
        coef0: Added to it.
        unbiased: Leave out each sample's kernel with itself; the value may then be below 0, and
            is 0 on average where the two distributions are the same, whatever n.

    Raises:
        ValueError: A set that is empty, has one sample, other dimensions than the other, or a
            value that is not finite.

    Source:
        Gretton et al., JMLR 13 (2012), 723-773, eq. 3 and 5; Binkowski et al., ICLR 2018 (KID).

    Examples:
        >>> import numpy as np
        >>> from lvbench.stats import kernel_distance
        >>> x, y = np.random.default_rng(0).normal(size=(2, 100, 4))
        >>> round(kernel_distance(x, y), 3), round(kernel_distance(x, y + 1), 3)
        (-0.078, 9.219)
    """
    a, b, kernel = _prepared(x, y, degree, gamma, coef0)
    if not unbiased:
        within = [_row_sums(kernel, z, z).sum() / len(z) ** 2 for z in (a, b)]
        return float(sum(within) - 2 * _row_sums(kernel, a, b).sum() / (len(a) * len(b)))
    sides = [_side(kernel, z, other, np.arange(len(z))) for z, other in ((a, b), (b, a))]
    return _discrepancy(sides[0], sides[1])


def kernel_interval(
    x: ArrayLike,
    y: ArrayLike,
    units_x: Labels,
    units_y: Labels,
    *,
    degree: int = 3,
    gamma: float | None = None,
    coef0: float = 1.0,
    level: float = 0.95,
) -> Interval:
    """Return the unbiased kernel distance with its interval, where samples come in units.

    The samples of one unit (the windows of a video) are not independent, so no pair of one unit
    counts, and the interval comes from leaving out one unit after the other.

    Args:
        x: Features `(n, d)`.
        y: Features `(m, d)`.
        units_x: The unit of each sample of x, `(n,)`, numbered from 0.
        units_y: The unit of each sample of y, `(m,)`.
        degree: As in `kernel_distance`.
        gamma: As in `kernel_distance`.
        coef0: As in `kernel_distance`.
        level: Coverage of the interval.

    Returns:
        The estimate and its interval; with fewer than 8 units in either set no limits, and the
        method is `too_few`.

    Raises:
        ValueError: As in `kernel_distance`, or fewer than 2 units in a set.
    """
    a, b, kernel = _prepared(x, y, degree, gamma, coef0)
    one, other = _side(kernel, a, b, units_x), _side(kernel, b, a, units_y)
    value = _discrepancy(one, other)
    left_out = [
        np.array([_discrepancy(one.without(i), other) for i in range(len(one.sizes))]),
        np.array([_discrepancy(other.without(i), one) for i in range(len(other.sizes))]),
    ]
    return jackknife_interval(value, left_out, level)


@dataclass(frozen=True, slots=True)
class _Side:
    """The kernel's sums of one set, by unit: enough to leave a unit out.

    Attributes:
        within: With all other units of the set, `(u,)`.
        across: With the other set, `(u,)`.
        sizes: Samples of each unit, `(u,)`.
        others: Samples of the other set.
        lost: The kernel's sum of the other units with a unit that was left out.
    """

    within: Floats
    across: Floats
    sizes: Floats
    others: int
    lost: float = 0.0

    def without(self, unit: int) -> _Side:
        keep = np.arange(len(self.sizes)) != unit
        return _Side(
            self.within[keep], self.across[keep], self.sizes[keep], self.others, self.within[unit]
        )

    @property
    def mean_within(self) -> float:
        pairs = self.sizes.sum() ** 2 - (self.sizes**2).sum()
        return float((self.within.sum() - self.lost) / pairs)

    @property
    def mean_across(self) -> float:
        return float(self.across.sum() / (self.sizes.sum() * self.others))


def _discrepancy(changed: _Side, other: _Side) -> float:
    """Return the distance; the pairs across are read from the side that may have lost a unit."""
    return changed.mean_within + other.mean_within - 2 * changed.mean_across


def _prepared(
    x: ArrayLike, y: ArrayLike, degree: int, gamma: float | None, coef0: float
) -> tuple[Floats, Floats, Polynomial]:
    a, b = samples(x, "x"), samples(y, "y")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"features of {a.shape[1]} and of {b.shape[1]} dimensions")
    return a, b, Polynomial(degree, 1.0 / a.shape[1] if gamma is None else gamma, coef0)


def _row_sums(kernel: Polynomial, x: Floats, y: Floats) -> Floats:
    blocks = [kernel(x[i : i + _ROWS], y).sum(axis=1) for i in range(0, len(x), _ROWS)]
    return np.concatenate(blocks)


def _side(kernel: Polynomial, x: Floats, other: Floats, units: Labels) -> _Side:
    """Sum the kernel of a set by its units."""
    sizes = np.bincount(units).astype(np.float64)
    if len(sizes) < 2:
        raise ValueError("an unbiased distance needs at least 2 units in each set")
    own = np.empty(len(x))
    for i in range(0, len(x), _ROWS):
        block = slice(i, i + _ROWS)
        same = units[block, None] == units[None, :]
        own[block] = np.where(same, kernel(x[block], x), 0.0).sum(axis=1)
    within = _by_unit(units, _row_sums(kernel, x, x) - own)
    return _Side(within, _by_unit(units, _row_sums(kernel, x, other)), sizes, len(other))


def _by_unit(units: Labels, values: Floats) -> Floats:
    return np.bincount(units, values).astype(np.float64)
