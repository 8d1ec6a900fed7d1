"""Is the audio in time with the motion of the picture?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.results.schema import Event, ItemScore, Series

Floats = NDArray[np.float64]

_LEAST_SECONDS = 4.0
_DRIFT_WINDOWS = 3
_SAME_FRAME = 1e-3  # seconds
HOP = 0.01
"""Seconds between the samples of the series that are aligned."""
# A single burst (an undetected cut, a bang) must not dominate a window.
_MOST = 4.0
_BASELINE_SECONDS = 1.0


@dataclass
class Onsets:
    """A few numbers per frame pair and per hop of the audio of one video.

    Attributes:
        video: The video's context.
        pairs: `(t, rise of motion, rise of change)` of every frame pair, concatenated: how much
            more the flow (in diagonals per second) and the luma (in levels per second) change than
            in the pair before. The time is that at which the pair's second frame is shown.
        audio: `(t, onset strength)` of every hop.
        cuts: Times of the cuts that were found.
    """

    video: VideoContext
    pairs: Column = field(default_factory=Column)
    audio: Column = field(default_factory=Column)
    cuts: list[float] = field(default_factory=list)
    _last: tuple[float, float] | None = None

    def add_audio(self, onsets: Features) -> None:
        """Take features of `onset_strength`."""
        self.audio.extend(np.stack([onsets.t, onsets["strength"]], axis=1))

    def add_flow(self, flow: Features) -> None:
        """Take features of `dis`."""
        gray = flow["gray"].astype(np.int16)
        for i, (end, dt, arrows) in enumerate(
            zip(flow.t, flow["dt"], flow["forward"], strict=True)
        ):
            length = np.hypot(arrows[..., 0], arrows[..., 1]).mean(dtype=np.float64)
            speed = float(length / (np.hypot(*arrows.shape[:2]) * dt))
            change = float(np.abs(gray[i + 1] - gray[i]).mean(dtype=np.float64) / dt)
            before = self._last or (speed, change)
            rises = max(0.0, speed - before[0]), max(0.0, change - before[1])
            self.pairs.extend((float(end), *rises))
            self._last = speed, change

    def at_cuts(self, t: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which of these times are those of a cut, found or declared."""
        cuts = np.asarray([*self.cuts, *self.video.cuts])
        return np.asarray((np.abs(t[:, None] - cuts) < _SAME_FRAME).any(axis=1))


class AvSync(Metric[Onsets]):
    """Align audio onsets with motion onsets, and follow the offset over time.

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
        headline=ScoreInfo("Audio-video offset", "s", None, "median_absolute"),
        components={
            "drift": ScoreInfo("Audio-video offset, drift", "ms/s", None, "median_absolute"),
            "spread": ScoreInfo("Audio-video offset, spread", "s", False, range=(0.0, None)),
            "confident": ScoreInfo(
                "Audio-video offset, confident window fraction", "", None, range=(0.0, 1.0)
            ),
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
        """Keep how much faster each pair is than the one before, and the audio onsets."""
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
            found = f"{seconds:.2f} s of frames with audio, {_LEAST_SECONDS:g} s are needed"
            return not_applicable("too_short", found)
        if not audio[:, 1].any():
            detail = "the audio track has no onset"
            return not_applicable("silent", detail)
        rises = [np.where(state.at_cuts(pairs[:, 0]), 0.0, rise) for rise in pairs[:, 1:].T]
        if not np.any(rises):
            detail = "the picture has no motion onset"
            return not_applicable("no_motion", detail)
        motion = on_grid(pairs[:, 0], standardised(rises), seconds)
        onsets = on_grid(audio[:, 0], standardised([audio[:, 1]]), seconds)
        offsets, windows = confident_offsets(motion, onsets, self._search())
        if not offsets:
            detail = f"none of {windows} windows aligns better than chance"
            return not_applicable("low_confidence", detail)
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

    def _score(self, offsets: list[_Offset], windows: int) -> ItemScore:
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


@dataclass(frozen=True, slots=True)
class _Offset:
    """Offset of one window: its middle and the offset in seconds, and its confidence."""

    t: float
    offset: float
    correlation: float
    z: float


@dataclass(frozen=True, slots=True)
class Search:
    """Settings of the search.

    Attributes:
        window: Length of a window in seconds; a shorter video is one window.
        step: Seconds from one window to the next.
        reach: Largest offset in seconds, either way, from that of the window before.
        steepest: Largest growth of the offset within a window, seconds per second.
        least_z: Least height of the peak over those of shuffled motion, in standard deviations.
        most_rival: Largest other peak, as a share of the best.
        seed: Seed of the shuffles.
    """

    window: float
    step: float
    reach: float
    steepest: float
    least_z: float
    most_rival: float
    seed: int


def standardised(strengths: list[Floats]) -> Floats:
    """Return the sum of onset strengths, each in standard deviations and cut at 4."""
    total = np.zeros_like(strengths[0])
    for strength in strengths:
        spread = float(strength.std())
        if spread > 0:
            total += np.minimum(strength / spread, _MOST)
    return total


def on_grid(t: Floats, strength: Floats, seconds: float) -> Floats:
    """Return a series every 10 ms from 0 to `seconds`, without changes slower than 1 s."""
    grid = np.arange(0.0, seconds, HOP)
    series = np.interp(grid, t, strength, left=0.0, right=0.0)
    width = min(round(_BASELINE_SECONDS / HOP), len(series))
    box = np.ones(width)
    # The box covers fewer samples at the ends.
    under = np.convolve(np.ones_like(series), box, "same")
    return np.asarray(series - np.convolve(series, box, "same") / under)


def confident_offsets(motion: Floats, audio: Floats, search: Search) -> tuple[list[_Offset], int]:
    """Return the offsets of the windows with a confident peak, and the number of windows.

    Args:
        motion: Onset strength of the picture, every 10 ms.
        audio: Of the audio, on the same grid and as long.
        search: How to search.
    """
    from lvbench.stats.lag import find_lag

    length = min(round(search.window / HOP), len(motion))
    reach = round(search.reach / HOP)
    slopes = np.linspace(-search.steepest, search.steepest, 13)
    found: list[_Offset] = []
    starts = range(0, len(motion) - length + 1, round(search.step / HOP))
    for k, start in enumerate(starts):
        expected = round(found[-1].offset / HOP) if found else 0
        lag = find_lag(
            motion[start : start + length],
            _cut(audio, start + expected - reach, length + 2 * reach),
            slopes=slopes,
            seed=search.seed + k,
        )
        if lag is None or not lag.inside:
            continue
        if lag.z >= search.least_z and lag.rival <= search.most_rival:
            offset = (lag.lag + expected) * HOP
            found.append(_Offset((start + length / 2) * HOP, offset, lag.correlation, lag.z))
    return found, len(starts)


def _cut(series: Floats, start: int, length: int) -> Floats:
    """Return `series[start : start + length]` with zeros where there is none."""
    cut = np.zeros(length)
    low, high = max(start, 0), min(start + length, len(series))
    if high > low:
        cut[low - start : high - start] = series[low:high]
    return cut
