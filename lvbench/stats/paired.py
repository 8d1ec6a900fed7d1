"""Paired comparison of two runs over the same items, clustered by prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.stats.bootstrap import (
    FEWEST_CLUSTERS,
    Sample,
    Statistic,
    canonical,
    draws_of,
    mean_interval,
    point,
)
from lvbench.stats.sign_flips import PairedValues, sign_flip, step_down_max_t

Floats = NDArray[np.float64]

SIZE = 0.05
_POWER = 0.8


@dataclass(frozen=True, slots=True)
class PairedResult:
    """Hold one statistic of two runs over the same items, and its change.

    Attributes:
        base: The statistic of the base.
        head: The statistic of the head.
        difference: Head minus base.
        low: Lower limit of the difference's interval, None where no interval is given.
        high: Upper limit of the interval, None where no interval is given.
        method: `boot-t1000` (means), `boot-percentile1000` (medians), or `too_few` clusters.
        p_value: Two-sided, by flipping the signs of whole clusters (`step_down_max_t`); (0, 1].
        n_pairs: Number of pairs.
        spread: Standard deviation of the paired differences; None where they are all equal, or
            there is one pair.
        effect_size: The difference over `spread`, for means Cohen's d_z; 0 where no item moved,
            None where all moved by the same amount.
        minimum_detectable: Smallest true difference that a two-sided test at 5 % finds with 80 %
            power given this spread and number of clusters; None with too few clusters.
    """

    base: float
    head: float
    difference: float
    low: float | None
    high: float | None
    method: str
    p_value: float
    n_pairs: int
    spread: float | None
    effect_size: float | None
    minimum_detectable: float | None


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Hold the test of one score among all that were tested together.

    Attributes:
        result: The score alone.
        p_adjusted: p-value adjusted for all scores tested; None where the score has too few
            clusters and took no part.
        moved: 1 where the head is significantly higher, -1 where it is lower, 0 where neither is
            significant, None with too few clusters.
    """

    result: PairedResult
    p_adjusted: float | None
    moved: int | None


def paired_tests(scores: Sequence[PairedValues], *, seed: int = 0) -> list[PairedTest]:
    """Test the scores of two runs together: the one rule by which two runs differ.

    A score moved where its p-value, adjusted for all scores given (`step_down_max_t`), is below
    5 % and its 95 % interval excludes zero. Scores with fewer than 8 clusters take no part.

    Args:
        scores: The scores to test.
        seed: Seed of patterns and resamples.

    Returns:
        One test for each score, in the order given; with base and head exchanged, the opposite.

    Examples:
        One score that rose for all of ten prompts, and one that did not move:

        >>> import numpy as np
        >>> from lvbench.stats import PairedValues, paired_tests
        >>> base, noise = np.random.default_rng(0).normal(size=(2, 10))
        >>> up = PairedValues(base, base + 2 + 0.1 * noise, range(10))
        >>> level = PairedValues(base, base + noise - noise.mean(), range(10))
        >>> [test.moved for test in paired_tests([up, level])]
        [1, 0]
    """
    tests = []
    for score, p in zip(scores, _adjusted(scores, seed), strict=True):
        result = paired_difference(
            score.base, score.head, score.clusters, statistic=score.statistic, seed=seed
        )
        moved = None if p is None else _moved(result.difference, result.low, result.high, p)
        tests.append(PairedTest(result, p, moved))
    return tests


def directions(scores: Sequence[PairedValues], *, seed: int = 0) -> list[int | None]:
    """Return `moved` of `paired_tests` alone, which is faster for many pairs."""
    found: list[int | None] = []
    for score, p in zip(scores, _adjusted(scores, seed), strict=True):
        if p is None or p >= SIZE:
            found.append(None if p is None else 0)
            continue
        difference, low, high, _, _ = _difference(score.in_order(), 1000, seed, 0.95)
        found.append(_moved(difference, low, high, p))
    return found


def _adjusted(scores: Sequence[PairedValues], seed: int) -> list[float | None]:
    """Return the adjusted p-values of those scores that have enough clusters."""
    part = [k for k, s in enumerate(scores) if len(set(s.clusters)) >= FEWEST_CLUSTERS]
    adjusted = step_down_max_t([scores[k] for k in part], seed=seed)
    p_values = dict(zip(part, adjusted.tolist(), strict=True))
    return [p_values.get(k) for k in range(len(scores))]


def _moved(difference: float, low: float | None, high: float | None, p: float) -> int:
    significant = p < SIZE and low is not None and high is not None and not low <= 0 <= high
    return int(np.sign(difference)) if significant else 0


def paired_difference(
    base: ArrayLike,
    head: ArrayLike,
    clusters: Sequence[str] | Sequence[int] | None = None,
    *,
    statistic: Statistic = "mean",
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> PairedResult:
    """Compare one statistic of two runs over the same items.

    The difference of two medians is not the median of the differences: it is the difference of
    the two reported medians.

    Args:
        base: One value per item, `(n,)`.
        head: The same items in the same order, `(n,)`.
        clusters: One label per item (the prompt), or None where each item is its own cluster.
        statistic: `mean`, `median`, or `median_absolute` (the median of |value|).
        seed: Seed of the resamples and of the sign flips.
        resamples: Number of bootstrap resamples.
        level: Coverage of the interval.

    Returns:
        Both statistics and their difference with interval, test, effect size and the smallest
        detectable difference; the same for any order of the items.

    Raises:
        ValueError: No pairs, unequal lengths, or a value that is not finite.

    Examples:
        >>> import numpy as np
        >>> from lvbench.stats import paired_difference
        >>> base, noise = np.random.default_rng(0).normal(size=(2, 12))
        >>> found = paired_difference(base, base + 1 + 0.1 * noise)
        >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3)
        (0.975, 0.908, 1.031)
        >>> found.p_value < 0.001
        True
    """
    b, h = np.asarray(base, dtype=np.float64), np.asarray(head, dtype=np.float64)
    if b.shape != h.shape:
        raise ValueError(f"base and head must hold the same items, not {b.shape} and {h.shape}")
    labels = range(len(b)) if clusters is None else clusters
    if len(labels) != len(b):
        raise ValueError(f"{len(b)} pairs but {len(labels)} clusters")
    values = PairedValues(b, h, labels, statistic).in_order()
    moved = values.head - values.base
    ends = [point(canonical(v, values.clusters), statistic) for v in (values.base, values.head)]
    difference, low, high, method, error = _difference(values, resamples, seed, level)
    return PairedResult(
        base=ends[0],
        head=ends[1],
        difference=difference,
        low=low,
        high=high,
        method=method,
        p_value=sign_flip(values, seed),
        n_pairs=len(moved),
        spread=_spread(moved),
        effect_size=_effect_size(difference, moved),
        minimum_detectable=_minimum_detectable(error, len(set(values.clusters))),
    )


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values for the number of tests; the family-wise error stays below the level.

    Args:
        p_values: `(k,)`, in [0, 1].

    Returns:
        Adjusted p-values, float64 `(k,)`, in the order given, never below the input.

    Source:
        Holm, Scand. J. Statist. 6 (1979), 65-70.

    Examples:
        >>> from lvbench.stats import holm
        >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def _difference(
    values: PairedValues, resamples: int, seed: int, level: float
) -> tuple[float, float | None, float | None, str, float | None]:
    """Return the difference, its limits, their method, and its standard error.

    Args:
        values: The values, in canonical order.
        resamples: Number of bootstrap resamples.
        seed: Seed of the resamples.
        level: Coverage of the interval.
    """
    if values.statistic == "mean":
        moved = values.head - values.base
        interval = mean_interval(
            moved, values.clusters, level=level, resamples=resamples, seed=seed
        )
        error = _standard_error(canonical(moved, values.clusters))
        return interval.value, interval.low, interval.high, interval.method, error
    difference = float(np.median(values.head) - np.median(values.base))
    labels, own = np.unique(np.asarray(values.clusters), return_inverse=True)
    if len(labels) < FEWEST_CLUSTERS:
        return difference, None, None, "too_few", None
    draws = draws_of(len(labels), resamples, seed)
    drawn = _drawn_medians(values.head, own, draws) - _drawn_medians(values.base, own, draws)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    # Few resamples of a skewed law may leave the estimate outside its own interval.
    limits = min(float(low), difference), max(float(high), difference)
    return difference, *limits, f"boot-percentile{resamples}", float(drawn.std())


def _drawn_medians(values: Floats, own: NDArray[np.intp], draws: Floats) -> Floats:
    """Return the median of every resample; `draws (resamples, clusters)` counts each cluster."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(draws[:, own[order]], axis=1)
    total = passed[:, -1:]
    ranks = (np.floor((total + 1) / 2), np.floor(total / 2) + 1)
    below, above = (values[order][(passed >= rank).argmax(axis=1)] for rank in ranks)
    return np.asarray((below + above) / 2)


def _spread(moved: Floats) -> float | None:
    return float(moved.std(ddof=1)) if len(moved) > 1 and np.ptp(moved) > 0 else None


def _effect_size(difference: float, moved: Floats) -> float | None:
    if not moved.any():
        return 0.0
    spread = _spread(moved)
    return None if spread is None else difference / spread


def _standard_error(sample: Sample) -> float | None:
    if sample.clusters < FEWEST_CLUSTERS:
        return None
    score = np.bincount(sample.cluster, sample.values - sample.values.mean(), sample.clusters)
    few = sample.clusters / (sample.clusters - 1)
    return float(np.sqrt(few * (score**2).sum()) / len(sample.values))


def _minimum_detectable(error: float | None, clusters: int) -> float | None:
    if error is None:
        return None
    from scipy.stats import t as student

    freedom = clusters - 1
    reach = student.ppf(1 - SIZE / 2, freedom) + student.ppf(_POWER, freedom)
    return float(reach * error)
