"""Can every second frame be told from its neighbours, and does motion stop and jump?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.rhythm import Beat, beats, gaps, stops
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import Event, ItemScore
from lvbench.video.timing.presentation import Presentation

Floats = NDArray[np.float64]
# Mean squared error of rounding to 8 bits: no prediction is better, and a still frame has a PSNR.
_ROUNDING = 1 / 12
# Share of repeats in a stretch above which it stands still, unless it follows a conversion's beat.
_MOST_REPEATED = 0.7
# Share of a conversion's repeats that the regular ones must hold to stand for all.
_NEARLY_ALL = 0.74


@dataclass
class _Frames:
    """State: errors of the predicted frames; motion and change of every pair."""

    predicted: Spans
    pairs: Spans
    ends: Column = field(default_factory=Column)


class Fie(Metric[_Frames]):
    """Predict every second frame from its neighbours; find stops and jumps that come back.

    Args:
        extractor: What interpolates: `interpolation_reduced`, or `interpolation_amt_s`,
            `interpolation_dis` or `interpolation_blend` at full size.
    """

    info = MetricInfo(
        name="fie",
        version=1,
        headline=ScoreInfo("Frame interpolation error", "levels", False),
        components={
            "psnr": ScoreInfo("Frame interpolation PSNR", "dB", True),
            "gain": ScoreInfo("Interpolation's gain over blending", "dB", None),
            "doubled": ScoreInfo("Frames doubled regularly", "", False, range=(0.0, 1.0)),
            "dropped": ScoreInfo("Frames dropped regularly", "", False, range=(0.0, 1.0)),
            **drift_infos("Frame interpolation error", "levels", False),
        },
        needs=("interpolation_reduced", "dis", "shots"),
        range=(0.0, 255.0),
        group="motion",
        gates=("freeze", "loop", "incoherence"),
        series={"error": "levels", "gain": "dB"},
        cites=("lvbench", "baker2011database", "jiang2018superslomo"),
        tolerance=1e-3,
    )

    def __init__(self, extractor: str = "interpolation_reduced") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> _Frames:
        """Return the empty state."""
        return _Frames(Spans(video), Spans(video))

    def update(self, state: _Frames, features: Mapping[str, Features]) -> None:
        """Keep three errors of every predicted frame, motion and change of every pair."""
        if "shots" in features:
            state.predicted.add_cuts(features["shots"])
            state.pairs.add_cuts(features["shots"])
        if self.needs[0] in features:
            found = features[self.needs[0]]
            names = ("before", "after", "error", "squared", "blend_squared")
            for t, *row in zip(found.t, *(found[name] for name in names), strict=True):
                before, after, *errors = (float(number) for number in row)
                state.predicted.add(t - before, t + after, float(t), *errors)
        if "dis" in features:
            flow = features["dis"]
            for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
                field_ = flow["forward"][i]
                diagonal = float(np.hypot(*field_.shape[:2]))
                motion = float(np.hypot(field_[..., 0], field_[..., 1]).mean(dtype=np.float64))
                first, second = flow["gray"][i : i + 2].astype(np.float32)
                state.pairs.add(end - dt, end, end, dt, motion / diagonal, _change(first, second))
                state.ends.append(end)

    def item(self, state: _Frames) -> ItemScore:
        """Return the mean error over the frames that no cut separates from a neighbour."""
        if not len(state.predicted):
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 3 frames"
            )
        kept = state.predicted.away_from_cuts()
        if not len(kept):
            return ItemScore(
                status="not_applicable", code="only_cuts", detail="a cut between all frames"
            )
        t, error, squared, blend = kept.T
        seconds = state.predicted.video.segment_seconds
        segments = per_segment(t, error, seconds)
        gain = per_segment(t, _decibels(blend) - _decibels(squared), seconds)
        stops, jumps, events = _rhythm(state)
        components = {
            "psnr": float(np.mean(10 * np.log10(255**2) - _decibels(squared))),
            "gain": float(_decibels(blend.mean()) - _decibels(squared.mean())),
            "doubled": stops,
            "dropped": jumps,
        }
        if len(segments.t) >= MINIMUM_SEGMENTS:
            components |= drift_components(segments)
        return ItemScore(
            value=float(error.mean()),
            components=components,
            series={"error": segments.series(), "gain": gain.series()},
            events=events,
        )


def _change(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return how much the hundredth of the pixels that change most do, levels."""
    difference = np.abs(second - first).ravel()
    count = max(1, len(difference) // 100)
    return float(np.partition(difference, -count)[-count:].mean(dtype=np.float64))


def _decibels(squared: Any) -> Any:
    return 10 * np.log10(squared + _ROUNDING)


def _rhythm(state: _Frames) -> tuple[float, float, list[Event]]:
    """Return the shares of frames doubled and dropped, and every such stretch."""
    ends = state.ends.values()
    motion = np.full(len(ends), np.nan)
    change, dt = np.zeros(len(ends)), np.zeros(len(ends))
    kept = state.pairs.away_from_cuts()
    if len(kept):
        at = np.searchsorted(ends, kept[:, 0])
        dt[at], motion[at], change[at] = kept[:, 1:].T
    told = state.pairs.video.presentation
    found = sorted([*gaps(dt, motion), *beats(motion, change)], key=lambda beat: beat.first)
    doubled = sum(beat.count for beat in found if beat.kind == "doubled")
    dropped = sum(beat.count for beat in found if beat.kind == "dropped")
    shown = len(ends) + 1
    events = [_event(beat, ends) for beat in found]
    if told is not None and not told.distinct.all():
        repeated, where = _repeats(told)
        doubled, shown, events = doubled + repeated, told.coded, [*where, *events]
    return doubled / shown, dropped / (shown + dropped), events


def _repeats(told: Presentation) -> tuple[int, list[Event]]:
    """Return how many frames repeat a picture in a beat, and every such stretch."""
    found = [b for b in stops(~told.distinct[1:]) if b.count <= _MOST_REPEATED * (b.last - b.first)]
    count = sum(beat.count for beat in found)
    if count >= _NEARLY_ALL * told.repeated:
        return count, [_event(beat, told.coded_pts[1:]) for beat in found]
    # A conversion that rounds has no period in frames.
    at = told.coded_pts[1:][told.beat]
    details: dict[str, float | str] = {
        "period": told.coded / told.repeated,
        "period_seconds": float(at[-1] - at[0]) / max(1, told.repeated - 1),
        "count": told.repeated,
        "ratio": 0.0,
    }
    whole = Event(kind="doubled_frames", start=float(at[0]), end=float(at[-1]), details=details)
    return told.repeated, [whole]


def _event(beat: Beat, ends: Floats) -> Event:
    """Return a stretch from its first repeated or late frame to its last."""
    start, end = float(ends[beat.first]), float(ends[beat.last])
    pairs = max(1, beat.last - beat.first)
    details: dict[str, float | str] = {
        "period": beat.period,
        "period_seconds": beat.period * (end - start) / pairs,
        "count": beat.count,
        "ratio": beat.ratio,
    }
    return Event(kind=f"{beat.kind}_frames", start=start, end=end, details=details)
