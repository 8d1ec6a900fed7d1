"""How long a similarity lasts before half of what it had to lose is gone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def half_life(t: ArrayLike, y: ArrayLike, baseline: float) -> float | None:
    """Return the first time after which a similarity stays below half way to its baseline.

    Half way is `(y[0] + baseline) / 2`. A series that dips and comes back has not lost it.

    Args:
        t: Segment centres in seconds, `(n,)`, increasing.
        y: Similarity of each segment, `(n,)`.
        baseline: The similarity of unrelated real videos.

    Returns:
        The centre of the first segment of the last stretch below; None where the series ends
        above (the half-life is censored) and where its first value is not above the baseline
        (there is nothing to lose).

    Raises:
        ValueError: No segments, or unequal lengths.

    Examples:
        >>> from lvbench.stats import half_life
        >>> half_life([0.5, 1.5, 2.5, 3.5], [1.0, 0.9, 0.6, 0.5], baseline=0.4)
        2.5
    """
    times, values = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if times.ndim != 1 or times.shape != values.shape or not len(times):
        raise ValueError(f"t and y must both be (n,), n > 0, not {times.shape} and {values.shape}")
    if values[0] <= baseline:
        return None
    last_above = int(np.flatnonzero(values >= (values[0] + baseline) / 2)[-1])
    return None if last_above == len(values) - 1 else float(times[last_above + 1])
