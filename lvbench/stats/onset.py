"""When a series breaks: a step or a ramp, tested against noise of the same autocorrelation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# A level or a slope of fewer segments may be one outlier, not a break.
_STEP_MARGIN, _RAMP_MARGIN = 3, 4
_TIE = 1 + 1e-9  # absolute deviations tie exactly, and rounding must not decide
_FIRST_BREAKS = 150  # a longer series is searched in two rounds
_TEST_POINTS = 120  # longer series are binned before the test
_TEST_BREAKS = 16
_NULL_SERIES = 2000
_NULL_NEAREST = 200
# Denser towards the top: a short series hides its correlation.
_NULL_LOW, _NULL_HIGH, _NULL_LEAN = -0.3, 0.98, 0.55


@dataclass(frozen=True, slots=True)
class Onset:
    """Hold the better of the two fits, whether or not it is significant.

    Attributes:
        time: Seconds; for a step the boundary between two segments, for a ramp its first segment.
        kind: `step` (level, then level) or `ramp` (flat, then line).
        p_value: Of the gain over the flat fit, in (0, 1].
    """

    time: float
    kind: Literal["step", "ramp"]
    p_value: float


@dataclass(frozen=True, slots=True)
class _Fits:
    """Hold the summed absolute residuals, `(series, breaks)`, of both fits at every break."""

    step_cost: Floats
    ramp_cost: Floats
    ramp_level: Floats
    ramp_slope: Floats


def find_onset(t: Floats, y: Floats, *, seed: int = 0) -> Onset:
    """Fit a step and a ramp by least absolute deviations and test the better one.

    The null is a stationary Gaussian AR(1) series. Its autocorrelation cannot be estimated from a
    short series that may have a break: null series with autocorrelations over [-0.3, 0.98] are
    fitted in the same two ways, and the observed gain is compared with those
    whose residuals are as autocorrelated as the observed residuals. This corrects the bias of the
    estimate and counts its uncertainty. The null series depend on n and seed alone and are kept.

    Args:
        t: Segment centres in seconds, float64 `(n,)`, increasing, n >= 10.
        y: Values, float64 `(n,)`, not all equal.
        seed: Seed of the null series.

    Returns:
        The break, its kind and the p-value of the gain.
    """
    unit = (t - t[0]) / (t[-1] - t[0])
    step, ramp = _breaks(len(t), _FIRST_BREAKS)
    fits = _fit(unit, y[None], step, ramp, iterations=30)
    if len(t) > _FIRST_BREAKS:
        step = _near(step, int(_least(fits.step_cost)[0]))
        ramp = _near(ramp, int(_least(fits.ramp_cost)[0]))
        fits = _fit(unit, y[None], step, ramp, iterations=30)
    at_step, at_ramp = int(_least(fits.step_cost)[0]), int(_least(fits.ramp_cost)[0])
    p_value = _p_value(unit, y, seed)
    if fits.step_cost[0, at_step] <= _TIE * fits.ramp_cost[0, at_ramp]:
        k = step[at_step]
        return Onset(float((t[k - 1] + t[k]) / 2), "step", p_value)
    return Onset(float(t[ramp[at_ramp]]), "ramp", p_value)


def _least(cost: Floats) -> Indices:
    """Return per row the first of the least costs."""
    first: Indices = (cost <= _TIE * cost.min(1, keepdims=True)).argmax(1)
    return first


def _near(breaks: Indices, best: int) -> Indices:
    """Return every break between the neighbours of the best one."""
    return np.arange(breaks[max(best - 1, 0)], breaks[min(best + 1, len(breaks) - 1)] + 1)


def _breaks(n: int, most: int) -> tuple[Indices, Indices]:
    """Return at most `most` step breaks (first index after) and ramp knots (last index before)."""

    def spread(first: int, last: int) -> Indices:
        count = min(most, last - first + 1)
        return np.linspace(first, last, count).round().astype(np.intp)

    return spread(_STEP_MARGIN, n - _STEP_MARGIN), spread(0, n - 1 - _RAMP_MARGIN)


def _fit(t: Floats, y: Floats, step: Indices, ramp: Indices, *, iterations: int) -> _Fits:
    """Fit both shapes to every row of `y (series, n)` at every break."""
    step_cost = np.empty((len(y), len(step)))
    for column, k in enumerate(step):
        before, after = y[:, :k], y[:, k:]
        step_cost[:, column] = np.abs(before - np.median(before, 1, keepdims=True)).sum(1)
        step_cost[:, column] += np.abs(after - np.median(after, 1, keepdims=True)).sum(1)
    hinge = np.maximum(t[None, :] - t[ramp, None], 0.0)
    level, slope = _lad_lines(hinge, y, iterations)
    residual = y[:, None] - level[..., None] - slope[..., None] * hinge
    return _Fits(step_cost, np.abs(residual).sum(-1), level, slope)


def _lad_lines(x: Floats, y: Floats, iterations: int) -> tuple[Floats, Floats]:
    """Fit `y[i] = level + slope x[j]` for every i and j by iteratively reweighted least squares.

    Args:
        x: Regressors, `(lines, n)`, none of them constant.
        y: Responses, `(series, n)`.
        iterations: Reweightings after the least-squares fit.

    Returns:
        Level and slope, each `(series, lines)`.
    """
    floor = 1e-4 * np.abs(y - np.median(y, 1, keepdims=True)).mean(1)[:, None, None] + 1e-300
    square = x * x
    weight = np.ones((len(y), *x.shape))
    for _ in range(iterations + 1):
        s = weight.sum(-1)
        sx, sxx = np.einsum("bcn,cn->bc", weight, x), np.einsum("bcn,cn->bc", weight, square)
        sy, sxy = np.einsum("bcn,bn->bc", weight, y), np.einsum("bcn,cn,bn->bc", weight, x, y)
        slope = (s * sxy - sx * sy) / (s * sxx - sx * sx)
        level = (sy - slope * sx) / s
        residual = y[:, None] - level[..., None] - slope[..., None] * x
        weight = 1.0 / np.maximum(np.abs(residual), floor)
    return level, slope


def _gain(t: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return per row of `y` the better fit's cost over the flat cost, and its autocorrelation."""
    step, ramp = _breaks(len(t), _TEST_BREAKS)
    fits = _fit(t, y, step, ramp, iterations=5)
    rows = np.arange(len(y))
    at_step, at_ramp = _least(fits.step_cost), _least(fits.ramp_cost)
    step_cost, ramp_cost = fits.step_cost[rows, at_step], fits.ramp_cost[rows, at_ramp]
    residual = (
        y
        - fits.ramp_level[rows, at_ramp, None]
        - fits.ramp_slope[rows, at_ramp, None] * np.maximum(t - t[ramp[at_ramp], None], 0.0)
    )
    for row in np.flatnonzero(step_cost <= _TIE * ramp_cost):
        k = step[at_step[row]]
        residual[row, :k] = y[row, :k] - np.median(y[row, :k])
        residual[row, k:] = y[row, k:] - np.median(y[row, k:])
    flat = np.abs(y - np.median(y, 1, keepdims=True)).sum(1)
    return np.minimum(step_cost, ramp_cost) / flat, _lag_one(residual)


def _lag_one(residual: Floats) -> Floats:
    """Return the lag-one autocorrelation of each row, outliers clipped; 0 where all are zero."""
    limit = 4.0 * np.abs(residual).mean(1, keepdims=True)
    clipped = np.clip(residual, -limit, limit)
    power = (clipped * clipped).sum(1)
    product = (clipped[:, 1:] * clipped[:, :-1]).sum(1)
    result: Floats = np.divide(product, power, out=np.zeros_like(power), where=power > 0)
    return result


@lru_cache(maxsize=32)
def _null(n: int, seed: int) -> tuple[Floats, Floats]:
    """Return gain and residual autocorrelation of AR(1) series of n points without a break."""
    rng = np.random.default_rng((seed, n))
    lean = np.linspace(0.0, 1.0, _NULL_SERIES) ** _NULL_LEAN
    phi = _NULL_LOW + (_NULL_HIGH - _NULL_LOW) * lean
    noise = rng.standard_normal((n, _NULL_SERIES))
    noise[1:] *= np.sqrt(1.0 - phi * phi)
    for i in range(1, n):
        noise[i] += phi * noise[i - 1]
    t = np.linspace(0.0, 1.0, n)
    series = np.ascontiguousarray(noise.T)
    parts = [_gain(t, series[i : i + 60]) for i in range(0, _NULL_SERIES, 60)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _p_value(t: Floats, y: Floats, seed: int) -> float:
    width = -(-len(t) // _TEST_POINTS)
    if width > 1:
        edges = range(0, len(t), width)
        t = np.array([t[i : i + width].mean() for i in edges])
        y = np.array([np.median(y[i : i + width]) for i in edges])
        if np.ptp(y) == 0:
            return 1.0
    ratio, correlation = _gain(t, y[None])
    null_ratio, null_correlation = _null(len(t), seed)
    alike = np.argsort(np.abs(null_correlation - correlation[0]), kind="stable")[:_NULL_NEAREST]
    reached = int((null_ratio[alike] <= ratio[0]).sum())
    return (1 + reached) / (1 + _NULL_NEAREST)
