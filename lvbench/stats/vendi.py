"""The Vendi score: the effective number of different samples of a set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval
from lvbench.stats.subsampling import Error

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Vendi:
    """Hold a Vendi score and the influence of each sample.

    Attributes:
        value: The effective number of different samples, from 1 (all alike) to `n` (all unlike).
        influence: Change of the entropy, to first order, per share of weight that moves to a
            sample, float64 `(n,)`; their mean is 0.
    """

    value: float
    influence: Floats


def vendi_score(x: ArrayLike) -> Vendi:
    """Return the Vendi score of order 1 under the cosine similarity.

    The score is the exponential of the entropy of the eigenvalues of `K / n`, where `K` has the
    cosines of all pairs.

    Args:
        x: Features `(n, d)`, finite, none of them 0.

    Raises:
        ValueError: No sample, a value that is not finite, or a vector of length 0.

    Source:
        Friedman, Dieng, The Vendi Score, TMLR 2023, definition 3.1.
    """
    vectors = unit(x)
    # The non-zero eigenvalues of K / n are those of the mean of the outer products.
    values, left = _spectrum(vectors / np.sqrt(len(vectors)))
    entropy = float(-(values * np.log(values)).sum())
    weights = (vectors @ left) ** 2
    return Vendi(float(np.exp(entropy)), -(weights @ np.log(values)) - entropy)


def vendi_interval(x: ArrayLike, units: Labels | None = None, level: float = 0.95) -> Interval:
    """Return the Vendi score with its interval over units, symmetric in its logarithm.

    The error is that of the infinitesimal jackknife: no sample is drawn twice, so none makes the
    set look less diverse than it is. It covers the expected score of a set of this size; a larger
    set of the same kind has a higher score.

    Args:
        x: Features `(n, d)`, as for `vendi_score`.
        units: The unit (prompt) of each sample, numbered from 0; each is its own if left out.
        level: Coverage of the interval.

    Returns:
        The interval; none (`too_few`) with fewer than 8 units.

    Source:
        Efron, JASA 109 (2014), 991-1007 (infinitesimal jackknife).
    """
    found = vendi_score(x)
    of = np.arange(len(found.influence)) if units is None else units
    count = int(of.max()) + 1
    if count < FEWEST_CLUSTERS:
        return Interval(found.value, None, None, "too_few")
    sums = np.bincount(of, found.influence, count)
    error = np.sqrt(count / (count - 1) * (sums**2).sum()) / len(found.influence)
    reach = float(Error(np.asarray(error), count - 1).reach(level))
    low, high = found.value * np.exp(-reach), found.value * np.exp(reach)
    return Interval(found.value, max(1.0, float(low)), float(high), "jackknife-ij")


def unit(x: ArrayLike) -> Floats:
    """Return vectors `(n, d)` at length 1, float64; see `vendi_score` for refused input."""
    vectors = np.asarray(x, np.float64)
    if vectors.ndim != 2 or len(vectors) == 0:
        raise ValueError(f"features must be (n, d) with n >= 1, not {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueError("features must be finite and not 0")
    unit_vectors: Floats = vectors / lengths
    return unit_vectors


def _spectrum(scaled: Floats) -> tuple[Floats, Floats]:
    """Return the positive eigenvalues of `x' x`, and their vectors as columns `(d, r)`."""
    _, singular, right = np.linalg.svd(scaled, full_matrices=False)
    values = singular**2
    kept = values > values[0] * max(scaled.shape) * np.finfo(np.float64).eps
    return values[kept] / values[kept].sum(), right[kept].T
