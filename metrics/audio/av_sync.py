"""Does the sound come when the picture moves?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.onsets import Onsets
from lvbench.metrics.common.sync_windows import (
    Offset,
    Search,
    confident_offsets,
    on_grid,
    standardised,
)
from lvbench.results.schema import Event, ItemScore, Series

Floats = NDArray[np.float64]

_LEAST_SECONDS = 4.0
_DRIFT_WINDOWS = 3


class AvSync(Metric[Onsets]):
    """Align the sound's onsets with those of motion, and follow the offset over time.

    Args:
        window: Seconds of a window.
        step: Seconds between windows.
        reach: Largest offset, in seconds, from that of the window before (at first, from 0).
        steepest: Largest drift within a window, in seconds per second.
        least_z: Least height of a confident peak, in standard deviations of what shuffled motion
            gives.
        most_rival: Largest second peak of a confident window, as a share of the first.
        noticed: Absolute offset in seconds from which a window is an event.
        seed: Seed of the shuffles.
    """

    reads_segments = False
    info = MetricInfo(
        name="av_sync",
        version=1,
        headline=ScoreInfo("Sound after picture", "s", None, "median_absolute"),
        components={
            "drift": ScoreInfo("Drift of sound against picture", "ms/s", None, "median_absolute"),
            "spread": ScoreInfo("Spread of the offset", "s", False, range=(0.0, None)),
            "confident": ScoreInfo("Share of confident windows", "", None, range=(0.0, 1.0)),
        },
        needs=("dis", "onset_strength", "shots"),
        range=(None, None),
        group="audio",
        series={"offset": "s"},
        cites=("lvbench", "bello2005onset"),
        tolerance=1e-2,
    )

    def __init__(
        self,
        window: float = 8.0,
        step: float = 2.0,
        reach: float = 0.5,
        steepest: float = 0.03,
        least_z: float = 5.0,
        most_rival: float = 0.8,
        noticed: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.window, self.step, self.reach, self.steepest = window, step, reach, steepest
        self.least_z, self.most_rival, self.noticed = least_z, most_rival, noticed
        self.seed = seed

    def new_state(self, video: VideoContext) -> Onsets:
        """Return the empty state."""
        return Onsets(video)

    def update(self, state: Onsets, features: Mapping[str, Features]) -> None:
        """Keep how much faster each pair is than the one before, and the sound's onsets."""
        if "shots" in features:
            state.cuts.extend(features["shots"].t)
        if "onset_strength" in features:
            state.add_audio(features["onset_strength"])
        if "dis" in features:
            state.add_flow(features["dis"])

    def item(self, state: Onsets) -> ItemScore:
        """Return the median offset over the confident windows."""
        pairs = state.pairs.values().reshape(-1, 3)
        audio = state.audio.values().reshape(-1, 2)
        seconds = min(float(x[-1, 0]) if len(x) else 0.0 for x in (pairs, audio))
        if seconds < _LEAST_SECONDS:
            found = f"{seconds:.2f} s of pictures with sound, {_LEAST_SECONDS:g} s are needed"
            return ItemScore(status="not_applicable", code="too_short", detail=found)
        if not audio[:, 1].any():
            detail = "the sound track holds nothing that begins"
            return ItemScore(status="not_applicable", code="silent", detail=detail)
        rises = [np.where(state.at_cuts(pairs[:, 0]), 0.0, rise) for rise in pairs[:, 1:].T]
        if not np.any(rises):
            detail = "nothing in the picture begins to move"
            return ItemScore(status="not_applicable", code="no_motion", detail=detail)
        motion = on_grid(pairs[:, 0], standardised(rises), seconds)
        onsets = on_grid(audio[:, 0], standardised([audio[:, 1]]), seconds)
        offsets, windows = confident_offsets(motion, onsets, self._search())
        if not offsets:
            detail = f"none of {windows} windows aligns better than chance"
            return ItemScore(status="not_applicable", code="low_confidence", detail=detail)
        return self._score(offsets, windows)

    def _search(self) -> Search:
        return Search(
            self.window,
            self.step,
            self.reach,
            self.steepest,
            self.least_z,
            self.most_rival,
            self.seed,
        )

    def _score(self, offsets: list[Offset], windows: int) -> ItemScore:
        t = np.array([o.t for o in offsets])
        y = np.array([o.offset for o in offsets])
        middle = float(np.median(y))
        parts = {
            "confident": len(offsets) / windows,
            "spread": float(np.median(np.abs(y - middle))),
        }
        if len(offsets) >= _DRIFT_WINDOWS:
            early, late = np.triu_indices(len(t), 1)
            parts["drift"] = 1000 * float(np.median((y[late] - y[early]) / (t[late] - t[early])))
        return ItemScore(
            value=middle,
            components=parts,
            series={"offset": Series(t=t.tolist(), y=y.tolist())},
            events=[
                Event(
                    kind="out_of_sync",
                    start=max(0.0, o.t - self.window / 2),
                    end=o.t + self.window / 2,
                    details={"offset": o.offset, "z": o.z},
                )
                for o in offsets
                if abs(o.offset) >= self.noticed
            ],
        )
