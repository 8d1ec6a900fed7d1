"""Find seams at any time: jumps of position, colour or speed unlike all within a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.jumps import FLOORS, Jumps
from lvbench.metrics.common.ordered_cuts import ordered

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Pairs on each side among which a jump can be an outlier, and of which a seam is the strongest.
_FEWEST_AROUND, _NEIGHBOURS = 5, 2
# Cosine from which two flows are the same motion, and share of pairs that must have it.
_FOLLOWS, _MOST = 0.9, 0.5
_EDGE = 3  # Pairs at either end, where too little is known of what lasts.
_PARTED = 0.5  # Of a jump of colour, by which the frames before and after it must lie apart.
_LEAST_PACE = 0.08  # Octaves: a smaller usual change of speed is measurement noise.


def irregular_seams(state: Jumps, kinds: dict[str, Float], cut: Mask, outlier: float) -> Mask:
    """Return the pairs whose position or colour jumps as no other within a second does, `(n,)`.

    Args:
        state: The pairs of the video.
        kinds: Their jumps, from `Jumps.by_kind`.
        cut: Pairs that are none, `(n,)`.
        outlier: Least ratio of the jump to the upper quartile of those around it.
    """
    far = [_far(state, kinds[name], FLOORS[name]) for name in ("position", "colour")]
    # Flicker makes medians jump too, but the frames before and after overlap.
    far[1] = np.where(state.colour_gap() >= _PARTED * kinds["colour"], far[1], 0.0)
    return _peaks(state, np.max(far, axis=0), outlier) & ~cut


def velocity_seams(state: Jumps, cut: Mask, outlier: float) -> Float | None:
    """Return the change of speed in octaves at pairs where it comes at once and stays, else 0.

    None where most pairs do not go on with the motion before them, at whatever speed: things
    that move by themselves change their speed at any time.

    Args:
        state: The pairs of the video.
        cut: Pairs that are none, `(n,)`.
        outlier: Least ratio of the change to the upper quartile of those around it.
    """
    factor, alike = state.pace()
    follows = (alike >= _FOLLOWS) & ~cut
    if follows.mean() < _MOST:
        return None
    change = np.where(follows, np.abs(factor), 0.0)
    seam = _peaks(state, _far(state, change, _LEAST_PACE), outlier) & ~cut
    return np.where(seam, change, 0.0)


def _far(state: Jumps, x: Float, floor: float) -> Float:
    return outliers(x, floor, max(_FEWEST_AROUND, round(1 / state.frame)))


def _peaks(state: Jumps, far: Float, outlier: float) -> Mask:
    """Return the outliers that are the largest of all their neighbours, and not ordered."""
    from scipy.ndimage import maximum_filter1d

    # Of equal ones the first counts.
    ranked = far - 1e-9 * np.arange(len(far))
    peak: Mask = ranked == maximum_filter1d(ranked, 2 * _NEIGHBOURS + 1, mode="nearest")
    peak[:_EDGE] = peak[max(0, len(far) - _EDGE) :] = False
    return (far >= outlier) & peak & ~ordered(state.video, state.t)


def outliers(x: Float, floor: float, reach: int) -> Float:
    """Return `x` over its upper quartile among the `reach` pairs before and after each.

    Args:
        x: Jump of every pair, `(n,)`.
        floor: Smallest quartile, in the unit of `x`.
        reach: Pairs on each side.
    """
    from scipy.ndimage import percentile_filter

    quartile = percentile_filter(x, 75, size=2 * min(reach, len(x)) + 1, mode="nearest")
    found: Float = x / np.maximum(quartile, floor)
    return found
