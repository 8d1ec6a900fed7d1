"""Does a frame look like the ones before it, once motion is taken out?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import consistent, sample
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.common.spans import Spans, continues
from lvbench.results.schema import ItemScore

Array = NDArray[Any]
# Bilinear sampling of a mask: all four neighbours are set.
_SEEN = 0.99


@dataclass
class _Errors:
    """State: errors of pairs and of long spans, and the chain under way."""

    short: Spans
    long: Spans
    end: float = -np.inf
    chain: _FlowChain | None = None
    pairs: int = 0


class WarpError(Metric[_Errors]):
    """Measure the luma error between a frame and its past, moved along the flow.

    Args:
        long_seconds: Time between the two frames of the long range, over which flow is chained.
        coverage: Smallest fraction of the picture that must be seen in both frames.
        extractor: Optical flow that is read: `dis`, `raft_small`, `raft_large`.
    """

    info = MetricInfo(
        name="warp_error",
        version=1,
        headline=ScoreInfo("Warp error", "", None),
        components={
            "visible": ScoreInfo("Visible fraction", "", None, range=(0.0, 1.0)),
            "long": ScoreInfo("Warp error, long range", "", None, range=(0.0, 1.0)),
            "long_visible": ScoreInfo("Visible fraction, long range", "", None, range=(0.0, 1.0)),
            **drift_infos("Warp error", "", None),
        },
        needs=("dis", "shots"),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness", "loop", "incoherence"),
        series={"error": "", "long": ""},
        cites=("lvbench", "lai2018learning", "sundaram2010dense"),
        tolerance=1e-3,
    )

    def __init__(
        self, long_seconds: float = 0.5, coverage: float = 0.15, extractor: str = "dis"
    ) -> None:
        self.long_seconds, self.coverage = long_seconds, coverage
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> _Errors:
        """Return the empty state."""
        return _Errors(Spans(video), Spans(video))

    def update(self, state: _Errors, features: Mapping[str, Features]) -> None:
        """Compare the frames of every pair, and chain the pairs."""
        if "shots" in features:
            state.short.add_cuts(features["shots"])
            state.long.add_cuts(features["shots"])
        if self.needs[0] not in features:
            return
        flow = features[self.needs[0]]
        for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
            first, second = flow["gray"][i], flow["gray"][i + 1]
            forward, backward = flow["forward"][i], flow["backward"][i]
            usable = flow["consistent_backward"][i]
            state.pairs += 1
            self._compare(state.short, (end - dt, end), (first, second), backward, usable)
            if state.chain is None or not continues(state.end, end - dt):
                seen = usable.astype(np.float32)
                state.chain = _FlowChain(end - dt, first, forward, backward, seen)
            else:
                state.chain.follow(forward, backward, usable)
            state.end = end
            # The span ends with the frame that is nearest to its nominal end.
            if end - state.chain.start >= self.long_seconds - dt / 2:
                chain, state.chain = state.chain, None
                pictures, usable = (chain.key, second), chain.usable()
                self._compare(state.long, (chain.start, end), pictures, chain.backward, usable)

    def _compare(
        self,
        spans: Spans,
        when: tuple[float, float],
        pictures: tuple[Array, Array],
        backward: Array,
        usable: Array,
    ) -> None:
        """Add the mean absolute difference over the pixels that both pictures show."""
        visible = float(usable.mean())
        if visible < self.coverage:
            return
        first, second = (picture.astype(np.float32) for picture in pictures)
        difference = np.abs(sample(first, backward) - second)[usable]
        error = float(difference.mean(dtype=np.float64)) / 255.0
        spans.add(*when, when[1], error, visible)

    def item(self, state: _Errors) -> ItemScore:
        """Return the mean over the pairs, and over the long spans, that no cut crosses."""
        short, long = state.short.away_from_cuts(), state.long.away_from_cuts()
        missing = self._why_nothing(state, len(short))
        if missing is not None:
            return missing
        seconds = state.short.video.segment_seconds
        t, error, visible = short.T
        segments = per_segment(t, error, seconds)
        components = {"visible": float(visible.mean())} | drift_components(segments)
        series = {"error": segments.series()}
        if len(long):
            t, error_long, visible = long.T
            components |= {"long": float(error_long.mean()), "long_visible": float(visible.mean())}
            series["long"] = per_segment(t, error_long, seconds).series()
        return ItemScore(value=float(error.mean()), components=components, series=series)

    def _why_nothing(self, state: _Errors, kept: int) -> ItemScore | None:
        """Return the score of a video of which too little can be compared, else None."""
        if not state.pairs:
            code, detail = "too_short", "fewer than 2 frames"
        elif len(state.short) < max(1, 0.05 * state.pairs):
            code = "untrackable"
            detail = (
                f"{len(state.short)} of {state.pairs} pairs show {self.coverage:.0%} of the "
                "picture twice"
            )
        elif not kept:
            code, detail = "only_cuts", "a cut between all frames that can be compared"
        else:
            return None
        return not_applicable(code, detail)


@dataclass
class _FlowChain:
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
        """Return the present pixels that the key frame shows, according to flow."""
        out: NDArray[np.bool_] = (self.seen > _SEEN) & consistent(self.backward, self.forward)
        return out
