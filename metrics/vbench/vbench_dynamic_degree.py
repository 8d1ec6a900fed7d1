"""Does the video move? VBench's yes or no, for comparison only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore


@dataclass
class _Flows:
    """State: the largest flow of every pair, as a multiple of the threshold."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    flow: Column = field(default_factory=Column)


class VbenchDynamicDegree(Metric[_Flows]):
    """Call a video dynamic if enough pairs of its thinned frames move fast enough: 1, else 0."""

    info = MetricInfo(
        name="vbench_dynamic_degree",
        version=1,
        headline=ScoreInfo("VBench dynamic degree", "", None),
        components={
            "fast_pairs": ScoreInfo(
                "VBench dynamic degree, moving pair fraction", "", None, range=(0.0, 1.0)
            )
        },
        needs=("vbench_flow",),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness", "incoherence"),
        series={"flow": "thresholds"},
        cites=("huang2024vbench",),
        tolerance=1e-3,
    )

    def new_state(self, video: VideoContext) -> _Flows:
        """Return the empty state."""
        return _Flows(video)

    def update(self, state: _Flows, features: Mapping[str, Features]) -> None:
        """Keep the flow of every pair, in units of its threshold."""
        flows = features["vbench_flow"]
        state.t.extend(flows.t)
        state.flow.extend(flows["top"] / (6.0 * (flows["shorter_side"] / 256.0)))

    def item(self, state: _Flows) -> ItemScore:
        """Return 1 or 0, as VBench would."""
        t, flow = state.t.values(), state.flow.values()
        if not len(flow):
            return not_applicable(
                "too_short", "fewer than 2 frames once thinned to about 8 per second"
            )
        fast = flow > 1.0
        # Of frames, not pairs; Python's round, as there: half to even.
        needed = round(4 * ((len(flow) + 1) / 16.0))
        series = per_segment(t, flow, state.video.segment_seconds).series()
        return ItemScore(
            value=float(fast.sum() >= needed),
            components={"fast_pairs": float(fast.mean())},
            series={"flow": series},
        )
