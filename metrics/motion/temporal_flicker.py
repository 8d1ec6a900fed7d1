"""How much does the brightness jump from frame to frame where motion does not explain it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import sample
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.block_brightness import block_mean, brightness_change
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import ItemScore, Series

Array = NDArray[Any]


@dataclass
class _Flicker:
    """State: the numbers so far, and what the next pair needs of the last one."""

    spans: Spans
    last: tuple[float, Array, Array] | None = None
    pairs: int = 0
    repeats: list[float] = field(default_factory=list)


class TemporalFlicker(Metric[_Flicker]):
    """Compare every frame with both its neighbours, brought onto it by optical flow.

    Args:
        block: Side of a block in pixels of the flow's grid.
        scatter: Misregistration (standard deviation of the residual, luma levels) at which a
            block weighs half.
        tracked: Smallest fraction of a block's pixels that both neighbours must show.
        coverage: Smallest fraction of blocks for a frame to be judged.
        followed: Smallest mean weight of all blocks for a frame to be judged: noise has none that
            flow can follow, wherever it says that it can.
        repeat: Change of a block's mean, luma levels, up to which a frame repeats the last one.
    """

    info = MetricInfo(
        name="temporal_flicker",
        version=1,
        headline=ScoreInfo("Temporal flicker", "levels", False),
        components={"judged": ScoreInfo("Frames judged for flicker", "", None)},
        needs=("dis", "shots"),
        range=(0.0, 255.0),
        group="motion",
        gates=("freeze", "loop", "incoherence"),
        series={"flicker": "levels", "flicker_per_frame": "levels"},
        cites=("lvbench", "sundaram2010dense", "negahdaripour1998revised"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        block: int = 8,
        scatter: float = 4.0,
        tracked: float = 0.5,
        coverage: float = 0.15,
        followed: float = 0.02,
        repeat: float = 0.5,
    ) -> None:
        self.block, self.scatter, self.tracked, self.coverage = block, scatter, tracked, coverage
        self.followed, self.repeat = followed, repeat

    def new_state(self, video: VideoContext) -> _Flicker:
        """Return the empty state."""
        return _Flicker(Spans(video))

    def update(self, state: _Flicker, features: Mapping[str, Features]) -> None:
        """Judge the frame between every two pairs."""
        if "shots" in features:
            state.spans.add_cuts(features["shots"])
        if "dis" not in features:
            return
        flow = features["dis"]
        gray = flow["gray"].astype(np.float32)
        for i, (end, dt) in enumerate(zip(flow.t, flow["dt"], strict=True)):
            state.pairs += 1
            change = block_mean(gray[i + 1] - gray[i], self.block)
            if np.abs(change).max() < self.repeat:
                # The same picture shown longer is no new frame: its neighbours are the others.
                state.repeats.append(float(end))
                continue
            if state.last is not None:
                start, before, seen = state.last
                after = gray[i] - sample(gray[i + 1], flow["forward"][i])
                mask = seen & flow["consistent"][i]
                value = self._flicker(gray[i], before, after, mask)
                if value is not None:
                    state.spans.add(start, float(end), float(end - dt), value)
            before = gray[i + 1] - sample(gray[i], flow["backward"][i])
            state.last = (float(end - dt), before, flow["consistent_backward"][i])

    def _flicker(self, gray: Array, before: Array, after: Array, mask: Array) -> float | None:
        """Return the flicker of one frame, or None where too little of it can be followed."""
        found = brightness_change(gray, (before, after), mask, self.block)
        tracked = found.tracked >= self.tracked
        if tracked.mean() < self.coverage:
            return None
        (first, second), variance = found.change, found.variance
        both = np.where(first * second > 0, np.minimum(first**2, second**2), 0)
        # Half the scatter: what misregistration alone leaves in a block's mean (see the card).
        size = np.sqrt(np.maximum(both - variance / 2, 0))
        weight = found.tracked * tracked / (1 + variance / self.scatter**2)
        if weight.mean() < self.followed:
            return None
        return float((size * weight).sum() / weight.sum())

    def item(self, state: _Flicker) -> ItemScore:
        """Return the mean over the frames that could be judged."""
        if state.pairs < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 3 frames"
            )
        kept = state.spans.away_from_cuts()
        if not len(kept) and len(state.repeats) == state.pairs:
            kept = np.array([(t, 0.0) for t in state.repeats])
        if not len(kept):
            return ItemScore(
                status="not_applicable",
                code="untrackable",
                detail="optical flow can follow no frame to both its neighbours",
            )
        t, y = kept[:, 0], kept[:, 1]
        return ItemScore(
            value=float(y.mean()),
            components={"judged": len(kept) / state.pairs},
            series={
                "flicker": per_segment(t, y, state.spans.video.segment_seconds).series(),
                "flicker_per_frame": Series(t=t.tolist(), y=y.round(4).tolist()),
            },
        )
