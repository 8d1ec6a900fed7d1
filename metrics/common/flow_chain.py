"""Flow of consecutive frame pairs, chained from a key frame to the present one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.warp import consistent, sample

Array = NDArray[Any]
# Bilinear sampling of a mask: all four neighbours are set.
_SEEN = 0.99


@dataclass
class FlowChain:
    """The displacement since a key frame, both ways, and the pixels that were never lost.

    Attributes:
        start: Seconds of the key frame.
        key: Its luma, uint8 `(h, w)`.
        forward: Pixels from the key frame to the present one, float32 `(h, w, 2)`, on the grid of
            the key frame.
        backward: The way back, on the grid of the present frame.
        seen: float32 `(h, w)`, on the grid of the present frame: 1 where every pair on the way
            back was consistent.
    """

    start: float
    key: Array
    forward: Array
    backward: Array
    seen: Array

    def follow(self, forward: Array, backward: Array, consistent_backward: Array) -> None:
        """Go one pair further, with the arrays of a flow extractor for that pair."""
        self.forward = self.forward + sample(forward, self.forward)
        seen = consistent_backward & (sample(self.seen, backward) > _SEEN)
        self.seen = seen.astype(np.float32)
        self.backward = backward + sample(self.backward, backward)

    def usable(self) -> NDArray[np.bool_]:
        """Return the present pixels that the key frame shows, as far as flow can tell."""
        out: NDArray[np.bool_] = (self.seen > _SEEN) & consistent(self.backward, self.forward)
        return out
