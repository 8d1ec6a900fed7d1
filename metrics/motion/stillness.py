"""For what fraction of the time does nothing live in the picture?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.structure_change import LAGS
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.runs import Mask
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore

_UNSEEN = 255
_AT_ONCE = 16  # Cells that are counted together.
_TWICE = 2  # Samples in which a cell changes before it counts: noise rarely does it twice.
_HELD = 1e-3  # Mean change of a held picture after a lossy encode, at most.
_CODING = 0.05  # What a lossy encode and warps change in a cell.


@dataclass
class _Changes:
    """What changed in each sample.

    Attributes:
        video: The video's context.
        t: Times of the samples.
        quick: Mean over the cells of the change at the shorter lag.
        change: Mean over the cells of the change at the longer lag, beyond that by coding.
        cells: What changes at each lag, by cell: a byte each, 0 or 1, 255 where unseen.
    """

    video: VideoContext
    t: Column = field(default_factory=Column)
    quick: Column = field(default_factory=Column)
    change: Column = field(default_factory=Column)
    cells: bytearray = field(default_factory=bytearray)


class Stillness(Metric[_Changes]):
    """Find the time in which the picture, its camera's motion removed, stays as it is.

    Args:
        changed: Share of a cell's structure from which on it changes (see `structure_change`).
        window_seconds: Time within which changes count together.
        smallest_area: Share of the picture that must change within the window.
        pause: Share of the clip's usual quick change below which it pauses.
    """

    info = MetricInfo(
        name="stillness",
        version=1,
        headline=ScoreInfo("Still fraction", "", False),
        components={
            "live_area": ScoreInfo("Live area", "", None, range=(0.0, 1.0)),
            "change": ScoreInfo("Change within a second", "", None, range=(0.0, 1.0)),
        },
        needs=("structure_change",),
        range=(0.0, 1.0),
        group="motion",
        series={"change": "", "live": ""},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(
        self,
        changed: float = 0.3,
        window_seconds: float = 4.0,
        smallest_area: float = 0.02,
        pause: float = 0.02,
    ) -> None:
        self.changed, self.window_seconds = changed, window_seconds
        self.smallest_area, self.pause = smallest_area, pause

    def new_state(self, video: VideoContext) -> _Changes:
        """Return the empty state."""
        return _Changes(video)

    def update(self, state: _Changes, features: Mapping[str, Features]) -> None:
        """Keep how much changes, and which cells do."""
        found = features["structure_change"]
        change = found["change"].reshape(len(found.t), len(LAGS), -1)
        seen = change >= 0
        counts = np.maximum(1, seen.sum(axis=2))
        state.t.extend(found.t)
        state.quick.extend(np.maximum(change[:, 0], 0).sum(axis=1) / counts[:, 0])
        beyond = np.maximum(change[:, 1] - _CODING, 0)
        state.change.extend(beyond.sum(axis=1) / counts[:, 1])
        cells = np.where(seen, change > self.changed, _UNSEEN)
        state.cells += cells.astype(np.uint8).tobytes()

    def item(self, state: _Changes) -> ItemScore:
        """Return the fraction of the time in which too little of the picture changes."""
        times, longest = state.t.values(), LAGS[-1]
        if len(times) <= 2 * longest:
            return not_applicable("too_short", f"fewer than {2 * longest + 1} samples")
        # The middle one of the pictures that a row compares is a lag before it.
        t, around = times[1:-1], times[longest:-longest]
        cells = np.frombuffer(state.cells, np.uint8).reshape(len(times), len(LAGS), -1)
        area = self._area(_either(cells), t)
        pauses = self._pauses(state.quick.values()[2:])
        change = np.interp(t, around, state.change.values()[2 * longest :])
        change[pauses] = 0
        still = (area < self.smallest_area) | pauses
        seconds = state.video.segment_seconds
        return ItemScore(
            value=float(still.mean()),
            components={"live_area": float(area.mean()), "change": float(change.mean())},
            series={
                "change": per_segment(t, change, seconds).series(),
                "live": per_segment(t, area, seconds).series(),
            },
        )

    def _pauses(self, quick: NDArray[np.float64]) -> Mask:
        """Return where the picture changes far less than usual when it is not held."""
        moving = quick[quick > _HELD]
        return quick < self.pause * (float(np.mean(moving)) if len(moving) else 0.0)

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


def _either(cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what changes at either lag, by sample but the first and the last, and by cell."""
    quick, longest = cells[2:, 0], LAGS[-1]
    slow = np.full_like(quick, _UNSEEN)
    slow[longest - 1 : 1 - longest] = cells[2 * longest :, 1]
    return np.where((quick == 1) | (slow == 1), 1, np.minimum(quick, slow)).astype(np.uint8)
