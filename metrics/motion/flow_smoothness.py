"""Does what moves keep its velocity from one tenth of a second to the next?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import consistent, sample
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans, continues
from lvbench.results.schema import ItemScore

Array = NDArray[Any]


@dataclass(frozen=True)
class _Step:
    """A finished time step: seconds, and displacement from its end back to its start."""

    start: float
    seconds: float
    backward: Array
    consistent: Array


@dataclass
class _Smoothness:
    """State: the numbers so far, the step being chained, and the step before it."""

    spans: Spans
    start: float = 0.0
    end: float = -np.inf
    seconds: float = 0.0
    forward: Array | None = None
    backward: Array | None = None
    last: _Step | None = None
    triples: int = 0
    followed: int = 0


class FlowSmoothness(Metric[_Smoothness]):
    """Compare the velocities before and after every frame of a fixed grid in time.

    Flow that comes in bursts is chained within each burst.

    Args:
        step_seconds: Time over which a velocity is measured: flow is chained over that many
            frames, so that the frame rate does not decide what counts as smooth.
        tolerance_seconds: Time in which velocity may change by its own size at a score of one
            half.
        moving: Smallest velocity of a pixel that counts as moving, diagonals per second.
        area: Smallest fraction of the picture that must move for a frame to be measured.
        coverage: Smallest fraction of the picture that must be seen before and after.
        extractor: Optical flow that is read: `dis`, `raft_small`, `raft_large`.
    """

    info = MetricInfo(
        name="flow_smoothness",
        version=1,
        headline=ScoreInfo("Flow smoothness", "", True),
        components={
            "relative_acceleration": ScoreInfo("Relative acceleration", "1/s", False),
            "measured": ScoreInfo("Flow smoothness, measured fraction", "", None),
        },
        needs=("dis", "shots"),
        range=(0.0, 1.0),
        group="motion",
        gates=("freeze", "loop", "incoherence"),
        series={"smoothness": ""},
        cites=("lvbench", "sundaram2010dense"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        step_seconds: float = 0.1,
        tolerance_seconds: float = 0.1,
        moving: float = 0.02,
        area: float = 0.02,
        coverage: float = 0.15,
        extractor: str = "dis",
    ) -> None:
        self.step_seconds, self.tolerance_seconds = step_seconds, tolerance_seconds
        self.moving, self.area, self.coverage = moving, area, coverage
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> _Smoothness:
        """Return the empty state."""
        return _Smoothness(Spans(video))

    def update(self, state: _Smoothness, features: Mapping[str, Features]) -> None:
        """Chain the pairs of a block into steps, and measure every two steps."""
        if "shots" in features:
            state.spans.add_cuts(features["shots"])
        if self.needs[0] not in features:
            return
        flow = features[self.needs[0]]
        for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
            forward, backward = flow["forward"][i], flow["backward"][i]
            self._follow(state, end, dt, forward, backward)

    def _follow(
        self, state: _Smoothness, end: float, dt: float, forward: Array, backward: Array
    ) -> None:
        """Chain one more pair, and measure where the step ends with it."""
        if not continues(state.end, end - dt):
            state.forward = state.backward = state.last = None
        if state.forward is None or state.backward is None:
            state.start, state.seconds = end - dt, 0.0
            state.forward, state.backward = forward, backward
        else:
            state.forward = state.forward + sample(forward, state.forward)
            state.backward = backward + sample(state.backward, backward)
        state.seconds += dt
        state.end = end
        # The step ends with the frame that is nearest to its nominal end.
        if state.seconds >= self.step_seconds - dt / 2:
            self._finish_step(state, end)

    def _finish_step(self, state: _Smoothness, end: float) -> None:
        assert state.forward is not None
        assert state.backward is not None
        there = consistent(state.forward, state.backward)
        back = consistent(state.backward, state.forward)
        if state.last is not None:
            state.triples += 1
            self._compare(state, state.last, state.forward, state.last.consistent & there, end)
        state.last = _Step(state.start, state.seconds, state.backward, back)
        state.forward = state.backward = None

    def _compare(
        self, state: _Smoothness, before: _Step, forward: Array, usable: Array, end: float
    ) -> None:
        """Add the smoothness of the frame between two steps, if enough of it moves."""
        if usable.mean() < self.coverage:
            return
        state.followed += 1
        after = forward / np.float32(state.seconds)
        earlier = before.backward / np.float32(-before.seconds)
        seconds = np.float32((state.seconds + before.seconds) / 2)
        acceleration = np.hypot(*np.moveaxis((after - earlier) / seconds, -1, 0))
        speed = np.hypot(*np.moveaxis((after + earlier) / 2, -1, 0))
        diagonal = float(np.hypot(*usable.shape))
        moves = usable & (speed > self.moving * diagonal)
        if moves.mean() < self.area:
            return
        a, v = float(np.median(acceleration[moves])), float(np.median(speed[moves]))
        value = v / (v + a * self.tolerance_seconds)
        state.spans.add(before.start, end, state.start, value, a, v)

    def item(self, state: _Smoothness) -> ItemScore:
        """Return the mean over the steps in which something moves."""
        if not state.triples:
            return not_applicable("too_short", f"shorter than two steps of {self.step_seconds:g} s")
        kept = state.spans.away_from_cuts()
        if len(kept) < max(1, 0.05 * state.triples):
            followed = state.followed >= 0.5 * state.triples
            return not_applicable(
                "no_motion" if followed else "untrackable",
                f"{len(kept)} of {state.triples} time steps contain motion that flow "
                f"can follow (faster than {self.moving:g} diagonals/s on {self.area:.0%} of the "
                "picture)",
            )
        t, smoothness, acceleration, speed = kept.T
        series = per_segment(t, smoothness, state.spans.video.segment_seconds).series()
        return ItemScore(
            value=float(smoothness.mean()),
            components={
                "relative_acceleration": float(acceleration.mean() / speed.mean()),
                "measured": len(kept) / state.triples,
            },
            series={"smoothness": series},
        )
