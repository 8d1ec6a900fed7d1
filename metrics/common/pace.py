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
        diagonal = np.hypot(*flow.shape[:2])
        self._recent.append(_blocks(flow) / np.float32(diagonal * dt))
        self._pairs += 1
        if len(self._recent) < 2 * SIDE:
            return
        fields = np.stack(self._recent).reshape(2 * SIDE, -1, 2)
        before, after = (
            np.sort(part, axis=0)[SIDE // 2] for part in (fields[:SIDE], fields[SIDE:])
        )
        sizes = _size(before), _size(after)
        at_once = _size(fields[SIDE - 1]), _size(fields[SIDE])
        if min(*sizes, *at_once) * dt < _SLOWEST:
            self._factor.append(0.0)
            self._alike.append(0.0)
            return
        steps = np.log2([sizes[1] / sizes[0], at_once[1] / at_once[0]])
        # Motion that speeds up or slows down changes little from one pair to the next.
        lasting = float(steps[0]) if steps[0] * steps[1] > 0 else 0.0
        self._factor.append(float(np.clip(lasting, -abs(steps[1]), abs(steps[1]))))
        self._alike.append(float((before * after).sum(axis=1).mean()) / (sizes[0] * sizes[1]))

    def changes(self) -> tuple[Float, Float]:
        """Return the change of pace at every pair, `(n,)` each.

        Returns:
            The binary logarithm of the speed from the pair on over the speed before it, of three
            pairs on each side or of one, whichever changes less; and the cosine between the
            median flows, -1 to 1. Both are 0 near the ends and where little moves.
        """
        factor, alike = np.zeros(self._pairs), np.zeros(self._pairs)
        inside = slice(SIDE, SIDE + len(self._factor))
        factor[inside], alike[inside] = self._factor.values(), self._alike.values()
        return factor, alike


def _blocks(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    import cv2

    return cv2.resize(flow, _GRID, interpolation=cv2.INTER_AREA).astype(np.float32)


def _size(flow: NDArray[np.float32]) -> float:
    """Return the root mean square of a flow `(n, 2)`."""
    return float(np.sqrt(np.square(flow).sum(axis=1).mean()))
