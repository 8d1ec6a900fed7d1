"""The contrast of jumps at seams with the change inside the chunks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

_FEWEST_SEAMS = 3


class Contrast(NamedTuple):
    """Hold a contrast in robust standard deviations of the interior, and its interval.

    Attributes:
        value: The contrast.
        low: Lower limit, None with fewer than three seams.
        high: Upper limit, None with fewer than three seams.
    """

    value: float
    low: float | None
    high: float | None


def standardised_contrast(
    z_seam: ArrayLike,
    z_interior: ArrayLike,
    seed: int = 0,
    *,
    floor: float = 1e-6,
    level: float = 0.95,
    resamples: int = 1000,
) -> Contrast:
    """Return (median at seams - median of the interior) / (1.4826 MAD of the interior).

    The interval is the percentile bootstrap over seams; the interior, which has far more pairs, is
    taken as known. With three seams it is no more than their range.

    Args:
        z_seam: Change across each seam, `(k,)`, k >= 1.
        z_interior: Change across every other frame pair, `(n,)`, n >= 1.
        seed: Seed of the resamples.
        floor: Smallest denominator, in the unit of the change; a still interior has no spread.
        level: Coverage of the interval.
        resamples: Number of bootstrap resamples.

    Returns:
        The contrast and its interval, the same for any order of the seams.

    Raises:
        ValueError: No seams, no interior, a value that is not finite, or a floor not above zero.

    Examples:
        >>> from lvbench.stats import standardised_contrast
        >>> found = standardised_contrast([9.0, 10.0, 11.0], [0.0, 1.0, 2.0, 3.0, 4.0])
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (5.396, 4.721, 6.07)
    """
    seam = np.sort(np.asarray(z_seam, dtype=np.float64))
    interior = np.asarray(z_interior, dtype=np.float64)
    if seam.ndim != 1 or interior.ndim != 1 or len(seam) == 0 or len(interior) == 0:
        raise ValueError(f"need seams and interior, found {seam.shape} and {interior.shape}")
    if not (np.isfinite(seam).all() and np.isfinite(interior).all()):
        raise ValueError("z_seam and z_interior must be finite")
    if floor <= 0:
        raise ValueError("floor must be above zero")
    centre = np.median(interior)
    scale = max(1.4826 * float(np.median(np.abs(interior - centre))), floor)
    value = float((np.median(seam) - centre) / scale)
    if len(seam) < _FEWEST_SEAMS:
        return Contrast(value, None, None)
    draws = np.random.default_rng(seed).integers(0, len(seam), size=(resamples, len(seam)))
    medians = (np.median(seam[draws], axis=1) - centre) / scale
    low, high = np.quantile(medians, [(1 - level) / 2, (1 + level) / 2])
    return Contrast(value, float(low), float(high))
