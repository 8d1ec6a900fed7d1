"""What fraction of the video's time is frozen?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.runs import Mask, runs
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event, ItemScore

# A keyframe, and the frame that refines it.
_KEYFRAME_PAIRS = 2
# Fewest pairs without any change in a held picture.
_HELD_PAIRS = 4


class Freeze(ColumnMetric):
    """Find the stretches in which no block of the picture changes by more than coding residue.

    Args:
        residue: Largest change of a still pair, levels squared (see `fingerprint`).
        drift: Largest change of a lone pair between still ones that does not end the stillness.
        keyframe: Largest change of a pair or two (a keyframe and what refines it) over which a
            freeze that is established already goes on.
        minimum_seconds: Shortest freeze.
        minimum_pairs: Fewest consecutive still pairs that establish one.
    """

    info = MetricInfo(
        name="freeze",
        version=1,
        headline=ScoreInfo("Frozen fraction", "", False),
        components={"longest": ScoreInfo("Longest freeze", "s", False, range=(0.0, None))},
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="motion",
        series={"frozen": ""},
        cites=("lvbench",),
    )
    columns = ("change", "dt")

    def __init__(
        self,
        residue: float = 2.5,
        drift: float = 10.0,
        keyframe: float = 80.0,
        minimum_seconds: float = 0.5,
        minimum_pairs: int = 10,
    ) -> None:
        self.residue, self.drift, self.keyframe = residue, drift, keyframe
        self.minimum_seconds, self.minimum_pairs = minimum_seconds, minimum_pairs

    def item(self, state: Collected) -> ItemScore:
        """Return the fraction of time frozen, with every freeze as an event."""
        t, change, dt = state.t, state["change"], state["dt"]
        if not len(t):
            return not_applicable("too_short", "fewer than 2 frames")
        frozen = self._frozen(change, dt)
        events = [
            Event(kind="freeze", start=float(t[first] - dt[first]), end=float(t[last - 1]))
            for first, last in runs(frozen)
        ]
        series = per_segment(t, frozen.astype(np.float64), state.video.segment_seconds)
        return ItemScore(
            value=float(min(1.0, dt[frozen].sum() / dt.sum())),
            components={"longest": max((e.end - e.start for e in events), default=0.0)},
            series={"frozen": series.series()},
            events=events,
        )

    def _frozen(self, change: NDArray[np.float64], dt: NDArray[np.float64]) -> Mask:
        """Return which pairs belong to a freeze."""
        still = change < self.residue
        still |= _lone(still) & (change < self.drift)
        # A clip shorter than a freeze is frozen entirely or not at all.
        seconds, pairs = min(self.minimum_seconds, dt.sum()), min(self.minimum_pairs, len(dt))
        long = np.zeros_like(still)
        for first, last in runs(still):
            # The slack keeps a freeze of exactly the minimum from depending on rounding of times.
            enough = dt[first:last].sum() >= seconds - 1e-6
            long[first:last] = enough and last - first >= pairs
        joined = still.copy()
        for first, last in runs(~still):
            inner = first > 0 and last < len(still) and last - first <= _KEYFRAME_PAIRS
            joined[first:last] = inner and bool((change[first:last] < self.keyframe).all())
        frozen = np.zeros_like(still)
        for first, last in runs(joined):
            frozen[first:last] = long[first:last].any()
        # One picture, shown for long, is a freeze at the slowest rates too.
        held = change == 0
        for first, last in runs(held):
            enough = dt[first:last].sum() >= self.minimum_seconds - 1e-6
            frozen[first:last] |= enough and last - first >= _HELD_PAIRS
        return frozen


def _lone(still: Mask) -> Mask:
    """Return where a single pair that is not still is between two that are."""
    lone = np.zeros_like(still)
    lone[1:-1] = ~still[1:-1] & still[:-2] & still[2:]
    return lone
