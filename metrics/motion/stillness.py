"""For what fraction of the time does nothing live in the picture?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.structure_change import LAG
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.runs import Mask
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore

_UNSEEN = 255
_AT_ONCE = 16  # Cells that are counted together.
_TWICE = 2  # Samples in which a cell changes before it counts: noise rarely does it twice.


@dataclass
class _Changes:
    """What changed in each sample, by cell: a byte each, 0 or 1, 255 where unseen."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    cells: bytearray = field(default_factory=bytearray)


class Stillness(Metric[_Changes]):
    """Find the time in which the picture, its camera's motion removed, stays as it is.

    Args:
        changed: Share of a cell's structure from which on it changes (see `structure_change`).
        window_seconds: Time within which changes count together.
        smallest_area: Share of the picture that must change within the window.
    """

    info = MetricInfo(
        name="stillness",
        version=1,
        headline=ScoreInfo("Still fraction", "", False),
        components={
            "live_area": ScoreInfo("Live area", "", None, range=(0.0, 1.0)),
            "changing_area": ScoreInfo("Changing area", "", None, range=(0.0, 1.0)),
        },
        needs=("structure_change",),
        range=(0.0, 1.0),
        group="motion",
        series={"changing": "", "live": ""},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(
        self,
        changed: float = 0.3,
        window_seconds: float = 4.0,
        smallest_area: float = 0.02,
    ) -> None:
        self.changed, self.window_seconds, self.smallest_area = (
            changed,
            window_seconds,
            smallest_area,
        )

    def new_state(self, video: VideoContext) -> _Changes:
        """Return the empty state."""
        return _Changes(video)

    def update(self, state: _Changes, features: Mapping[str, Features]) -> None:
        """Keep which cells change."""
        found = features["structure_change"]
        change = found["change"]
        state.t.extend(found.t)
        found_cells = np.where(change < 0, _UNSEEN, change > self.changed)
        state.cells += found_cells.astype(np.uint8).tobytes()

    def item(self, state: _Changes) -> ItemScore:
        """Return the fraction of the time in which too little of the picture changes."""
        times = state.t.values()
        if len(times) <= 2 * LAG:
            return not_applicable("too_short", f"fewer than {2 * LAG + 1} samples")
        # The middle one of the pictures that a row compares is `LAG` samples before it.
        cells = np.frombuffer(state.cells, np.uint8).reshape(len(times), -1)[2 * LAG :]
        t = times[LAG:-LAG]
        changing = _share(cells == 1, cells != _UNSEEN)
        area = self._area(cells, t)
        still = area < self.smallest_area
        seconds = state.video.segment_seconds
        return ItemScore(
            value=float(still.mean()),
            components={
                "live_area": float(area.mean()),
                "changing_area": float(changing.mean()),
            },
            series={
                "changing": per_segment(t, changing, seconds).series(),
                "live": per_segment(t, area, seconds).series(),
            },
        )

    def _area(self, cells: NDArray[np.uint8], t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of the picture that changes about each time, `(n,)`."""
        half = self.window_seconds / 2 + 1e-3
        first = np.searchsorted(t, t - half)
        after = np.searchsorted(t, t + half)

        def counted(which: Mask) -> NDArray[np.int32]:
            sums = np.cumsum(np.pad(which, ((1, 0), (0, 0))), 0, np.int32)
            return np.asarray(sums[after] - sums[first])

        live, seen = np.zeros((2, len(t)))
        for start in range(0, cells.shape[1], _AT_ONCE):
            part = cells[:, start : start + _AT_ONCE]
            changes, sights = counted(part == 1), counted(part != _UNSEEN)
            live += ((changes >= np.minimum(_TWICE, sights)) & (sights > 0)).sum(axis=1)
            seen += (sights > 0).sum(axis=1)
        return np.asarray(live / np.maximum(1, seen))


def _share(part: Mask, of: Mask) -> NDArray[np.float64]:
    return np.asarray((part & of).sum(axis=1) / np.maximum(1, of.sum(axis=1)))
