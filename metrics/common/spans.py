"""Numbers that belong to a span of time, without the spans that a shot cut crosses."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.column import Column

# Declared cuts are written with few digits.
_SLACK = 1e-3


@dataclass
class Spans:
    """Collect rows `(start, end, t, *values)` in seconds; cuts may become known later.

    Attributes:
        video: The video's context, with the declared cuts.
    """

    video: VideoContext
    _cuts: list[float] = field(default_factory=list)
    _rows: Column = field(default_factory=Column)
    _width: int = 0

    def add_cuts(self, shots: Features) -> None:
        """Take the cuts that the extractor `shots` found."""
        self._cuts.extend(shots.t.tolist())

    def add(self, start: float, end: float, t: float, *values: float) -> None:
        """Take the values of the span from `start` to `end`, to be plotted at `t`."""
        self._width = 3 + len(values)
        self._rows.extend((start, end, t, *values))

    def __len__(self) -> int:
        return len(self._rows) // self._width if self._width else 0

    def away_from_cuts(self) -> NDArray[np.float64]:
        """Return `(t, *values)` of every span that no cut crosses, float64 `(n, 1 + values)`.

        A cut is the time of the first frame of a new shot: it crosses a span that ends there, and
        not one that begins there.
        """
        if not len(self):
            return np.empty((0, 1))
        rows = self._rows.values().reshape(-1, self._width)
        cuts = np.sort([*self._cuts, *self.video.cuts])
        first = np.searchsorted(cuts, rows[:, 0] + _SLACK, side="right")
        after = np.searchsorted(cuts, rows[:, 1] + _SLACK, side="right")
        return rows[first == after, 2:]


def continues(end: float, start: float) -> bool:
    """Return whether a frame pair begins, within rounding, where the last one ended, in seconds.

    Where a protocol samples flow in bursts, the first pair of the next burst does not.
    """
    return abs(start - end) < _SLACK
