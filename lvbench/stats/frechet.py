"""The Fréchet distance between two sets of features, exact with few samples too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Rounding of a covariance that was stored in float32 leaves eigenvalues this far below zero.
_NEGATIVE = 1e-6


@dataclass(frozen=True, slots=True)
class Frechet:
    """Hold a squared Fréchet distance and its two terms.

    Attributes:
        value: The distance, as FID and FVD print it: squared, not below 0 but for rounding.
        mean_part: Squared distance of the means.
        covariance_part: `tr A + tr B - 2 tr (A B)^(1/2)` of the covariances.
    """

    value: float
    mean_part: float
    covariance_part: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Hold a mean and a factor of the covariance: `factor @ factor.T` is the covariance.

    Attributes:
        mean: float64 `(d,)`.
        factor: float64 `(d, r)`, with `r` at most the number of samples and of dimensions.
    """

    mean: Floats
    factor: Floats


def frechet_distance(x: ArrayLike, y: ArrayLike, ddof: int = 1) -> float:
    """Return the squared Fréchet distance of two sets, as Gaussians.

    Everything is float64. The root is never formed: its trace is the nuclear norm of the product
    of the covariances' factors, which are the centred samples themselves where there are fewer
    samples than dimensions. No epsilon is added to anything.

    Args:
        x: Features `(n, d)`, finite, at least 2 samples.
        y: Features `(m, d)`, likewise.
        ddof: The covariances divide by `n - ddof`: 1 as the original FVD, 0 as StyleGAN-V.

    Raises:
        ValueError: A set that is empty, has one sample, other dimensions than the other, or a
            value that is not finite.

    Source:
        Dowson, Landau, J. Multivariate Anal. 12 (1982), 450-455; Heusel et al., NeurIPS 2017,
        eq. 6. The nuclear norm: tr (A B)^(1/2) is the sum of the singular values of F'G for
        A = F F', B = G G'.

    Examples:
        A shift by 3 along one of two axes adds 9:

        >>> import numpy as np
        >>> from lvbench.stats import frechet_distance
        >>> x = np.random.default_rng(0).normal(size=(50, 2))
        >>> round(frechet_distance(x, x + [3.0, 0.0]), 6)
        9.0
    """
    return frechet_parts(x, y, ddof).value


def frechet_parts(x: ArrayLike, y: ArrayLike, ddof: int = 1) -> Frechet:
    """Return the distance of `frechet_distance` with its two parts."""
    a, b = samples(x, "x"), samples(y, "y")
    return frechet_of(spread(a, ddof), spread(b, ddof))


def frechet_distance_from_moments(
    mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike
) -> float:
    """Return the squared Fréchet distance of two Gaussians.

    Args:
        mean_a: Mean `(d,)`.
        cov_a: Covariance `(d, d)`, symmetric without negative eigenvalues.
        mean_b: Mean `(d,)`.
        cov_b: Covariance `(d, d)`.

    Raises:
        ValueError: Shapes that do not agree, values that are not finite, or a matrix that is no
            covariance.

    Examples:
        >>> import numpy as np
        >>> from lvbench.stats import frechet_distance_from_moments
        >>> mean, covariance = np.zeros(2), np.eye(2)
        >>> round(frechet_distance_from_moments(mean, covariance, mean + 1, 4 * covariance), 6)
        4.0
    """
    return frechet_of(spread_of_moments(mean_a, cov_a), spread_of_moments(mean_b, cov_b)).value


def frechet_of(a: Spread, b: Spread) -> Frechet:
    """Return the squared Fréchet distance of two sets whose factors are known.

    Raises:
        ValueError: They have different dimensions.
    """
    if len(a.mean) != len(b.mean):
        raise ValueError(f"features of {len(a.mean)} and of {len(b.mean)} dimensions")
    gap = a.mean - b.mean
    mean_part = float(gap @ gap)
    root = float(np.linalg.svd(a.factor.T @ b.factor, compute_uv=False).sum())
    traces = float((a.factor**2).sum()) + float((b.factor**2).sum())
    covariance_part = traces - 2.0 * root
    return Frechet(mean_part + covariance_part, mean_part, covariance_part)


def samples(x: ArrayLike, name: str = "x") -> Floats:
    """Return a set of features as float64 `(n, d)`.

    Raises:
        ValueError: It is no such array, has fewer than 2 samples, or a value is not finite.
    """
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"{name} must be features (n, d), not {values.shape}")
    if len(values) < 2:
        found = "is empty" if len(values) == 0 else "has one sample"
        raise ValueError(f"{name} {found}: a distance between sets needs at least 2 in each")
    bad = int((~np.isfinite(values).all(axis=1)).sum())
    if bad:
        raise ValueError(f"{name} has {bad} of {len(values)} samples with values not finite")
    return values


def spread(values: Floats, ddof: int = 1) -> Spread:
    """Return the mean and the covariance's factor of checked features `(n, d)`.

    Raises:
        ValueError: `ddof` is neither 0 nor 1.
    """
    if ddof not in (0, 1):
        raise ValueError(f"ddof must be 0 or 1, not {ddof}")
    n, d = values.shape
    mean = values.mean(axis=0)
    centred = values - mean
    # The triangle of a QR decomposition has the rows' covariance, in as few rows as dimensions.
    rows: Floats = centred if n <= d else np.asarray(np.linalg.qr(centred, mode="r"))
    return Spread(mean, np.ascontiguousarray(rows.T) / np.sqrt(n - ddof))


def moments(x: ArrayLike, ddof: int = 1) -> tuple[Floats, Floats]:
    """Return mean `(d,)` and covariance `(d, d)` of features `(n, d)`, in float64.

    Raises:
        ValueError: As in `frechet_distance`.
    """
    values = samples(x)
    mean = values.mean(axis=0)
    centred = values - mean
    return mean, centred.T @ centred / (len(values) - ddof)


def spread_of_moments(mean: ArrayLike, covariance: ArrayLike) -> Spread:
    """Return a Gaussian with its covariance's factor, by symmetric eigenvalues.

    Raises:
        ValueError: Shapes that do not agree, values that are not finite, or a matrix that is not
            symmetric or has a negative eigenvalue beyond rounding.
    """
    m, c = np.asarray(mean, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if m.ndim != 1 or c.shape != (len(m), len(m)) or len(m) == 0:
        raise ValueError(f"mean (d,) and covariance (d, d) expected, not {m.shape} and {c.shape}")
    if not (np.isfinite(m).all() and np.isfinite(c).all()):
        raise ValueError("mean and covariance must be finite")
    size = float(np.abs(c).max())
    if float(np.abs(c - c.T).max()) > _NEGATIVE * size:
        raise ValueError("the covariance is not symmetric")
    values, vectors = np.linalg.eigh((c + c.T) / 2)
    if values[0] < -_NEGATIVE * max(float(values[-1]), 0.0):
        raise ValueError(f"the covariance has a negative eigenvalue, {values[0]:g}")
    return Spread(m, vectors * np.sqrt(np.maximum(values, 0.0)))
