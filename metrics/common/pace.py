"""How much faster or slower the same motion goes on, from one frame pair to the next."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.column import Column

Float = NDArray[np.float64]
SIDE = 3
"""Pairs on each side whose median flow is compared."""
_GRID = (16, 9)
_SLOWEST = 0.001  # Diagonals per pair: flow below it has no direction.


class Pace:
    """Compare the flow of the pairs before each pair with the flow from it on."""

    def __init__(self) -> None:
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=2 * SIDE)
        self._factor, self._alike = Column(), Column()
        self._pairs = 0

    def add(self, flow: NDArray[np.float32], dt: float) -> None:
        """Take the flow of a pair, in pixels, and the seconds between its frames."""
        import cv2

        height, width = flow.shape[:2]
        scale = np.float32(1 / (np.hypot(height, width) * dt))
        self._recent.append(cv2.resize(flow, _GRID, interpolation=cv2.INTER_AREA) * scale)
        self._pairs += 1
        if len(self._recent) < 2 * SIDE:
            return
        fields = np.stack(self._recent).reshape(2 * SIDE, -1, 2)
        before, after = (np.median(part, axis=0) for part in (fields[:SIDE], fields[SIDE:]))
        sizes = [float(np.sqrt(np.square(part).sum(axis=1).mean())) for part in (before, after)]
        product = float((before * after).sum(axis=1).mean())
        slow = min(sizes) * dt < _SLOWEST
        self._factor.append(0.0 if slow else float(np.log2(sizes[1] / sizes[0])))
        self._alike.append(0.0 if slow else product / (sizes[0] * sizes[1]))

    def changes(self) -> tuple[Float, Float]:
        """Return the change of pace at every pair, `(n,)` each.

        Returns:
            The binary logarithm of the speed from the pair on over the speed before it, and the
            cosine between the two flows, -1 to 1; both 0 near the ends and where little moves.
        """
        factor, alike = np.zeros(self._pairs), np.zeros(self._pairs)
        inside = slice(SIDE, SIDE + len(self._factor))
        factor[inside], alike[inside] = self._factor.values(), self._alike.values()
        return factor, alike
