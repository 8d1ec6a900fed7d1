"""Find undeclared seams: jumps that recur every k frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_FEWEST_TEETH = 4
_SHUFFLES = 299
_BATCH = 20
_CLIP = 6.0  # robust standard deviations; one large jump must not make a comb
_LEAST_CONTRAST = 2.0  # below this a comb is a codec's key frames, not a seam
_MOST_BACKGROUND = 15


@dataclass(frozen=True, slots=True)
class Period:
    """Describe a comb of jumps.

    Attributes:
        period: Frames between jumps.
        phase: Index of the first jump in the series, in [0, period).
        contrast: Median of the teeth minus median of all other pairs, both without the running
            median, over 1.4826 MAD of the rest.
        p_value: Of the best comb among all that were searched.
    """

    period: int
    phase: int
    contrast: float
    p_value: float


def find_period(z: ArrayLike, *, minimum: int, maximum: int, seed: int = 0) -> Period | None:
    """Search every period and phase for a comb of jumps.

    A running median is subtracted (motion lasts, a seam is one jump), the rest is expressed in
    robust standard deviations and clipped at 6. A comb's score is the sum at its teeth over the
    square root of their number, the likelihood ratio of a comb in white noise: of a comb and its
    multiple or divisor, the true one scores higher by the square root of two at least. The best
    score is compared with those of shuffled series, searched in the same way; blocks of 3 to 7
    pairs are shuffled, which keeps the short-range correlation and breaks any period. A comb is
    reported where none of 299 shuffles reaches it (p = 1/300), and the median tooth is 2 robust
    standard deviations above all other pairs, three quarters of the teeth 1.

    Args:
        z: Standardised jump of each frame pair, `(n,)`.
        minimum: Shortest period in frames, >= 4.
        maximum: Longest period in frames; a period needs at least 4 teeth in the series.
        seed: Seed of the shuffles.

    Returns:
        The comb, or None where there is none; equal input gives equal output.

    Raises:
        ValueError: z is not `(n,)` or not finite, or minimum is below 4.

    Examples:
        A jump every 16 frames from frame 5 on:

        >>> import numpy as np
        >>> from lvbench.stats import find_period
        >>> z = np.random.default_rng(0).normal(size=240)
        >>> z[5::16] += 12
        >>> found = find_period(z, minimum=8, maximum=48)
        >>> found.period, found.phase
        (16, 5)
    """
    values = np.asarray(z, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("z must be (n,) and finite")
    if minimum < 4:
        raise ValueError(f"minimum must be at least 4 frames, not {minimum}")
    periods = range(minimum, min(maximum, len(values) // _FEWEST_TEETH) + 1)
    if not periods:
        return None
    standard = _standardise(values, minimum)
    if standard is None:
        return None
    bounded = np.clip(standard, -_CLIP, _CLIP)
    clipped = (bounded - bounded.mean()).astype(np.float32)  # half the time of the search
    score, period, phase = _best_comb(clipped, periods)
    teeth = np.zeros(len(values), dtype=bool)
    teeth[phase::period] = True
    contrast = float(np.median(standard[teeth]) - np.median(standard[~teeth]))
    low_tooth = float(np.quantile(standard[teeth], 0.25, method="inverted_cdf"))
    if contrast < _LEAST_CONTRAST or low_tooth < _LEAST_CONTRAST / 2:
        return None
    rng = np.random.default_rng(seed)
    for start in range(0, _SHUFFLES, _BATCH):
        count = min(_BATCH, _SHUFFLES - start)
        shuffled = np.stack([_shuffle(clipped, rng) for _ in range(count)])
        if (_best_scores(shuffled, periods) >= score).any():
            return None
    return Period(period, phase, contrast, 1 / (1 + _SHUFFLES))


def _standardise(z: Floats, minimum: int) -> Floats | None:
    """Subtract the running median and divide by the robust spread; None where nothing varies."""
    from scipy.ndimage import median_filter

    width = min(2 * ((minimum - 1) // 2) + 1, _MOST_BACKGROUND)
    rest = z - median_filter(z, size=width, mode="nearest")
    rest -= np.median(rest)
    spread = 1.4826 * float(np.median(np.abs(rest)))
    if spread == 0.0:  # a still picture: more than half of the pairs do not differ at all
        spread = 1.2533 * float(np.abs(rest).mean())
    return rest / spread if spread > 0 else None


def _fold(series: Singles, period: int) -> Singles:
    """Return every phase's sum over root teeth, `(rows, period)`, of rows of `series`."""
    rows, n = series.shape
    whole = n // period
    sums = series[:, : whole * period].reshape(rows, whole, period).sum(1)
    rest = n - whole * period
    sums[:, :rest] += series[:, whole * period :]
    count = np.full(period, whole, dtype=np.float32)
    count[:rest] += 1
    folded: Singles = sums / np.sqrt(count)
    return folded


def _best_comb(series: Singles, periods: range) -> tuple[float, int, int]:
    best = (-np.inf, 0, 0)
    for period in periods:
        folded = _fold(series[None], period)[0]
        phase = int(folded.argmax())
        if float(folded[phase]) > best[0]:
            best = (float(folded[phase]), period, phase)
    return best


def _best_scores(series: Singles, periods: range) -> Singles:
    best = np.full(len(series), -np.inf, dtype=np.float32)
    for period in periods:
        np.maximum(best, _fold(series, period).max(1), out=best)
    return best


def _shuffle(series: Singles, rng: np.random.Generator) -> Singles:
    """Permute blocks of 3 to 7 values."""
    lengths = rng.integers(3, 8, size=len(series) // 3 + 1)
    block = np.repeat(np.arange(len(lengths)), lengths)[: len(series)]
    return series[np.argsort(rng.random(len(lengths))[block], kind="stable")]
