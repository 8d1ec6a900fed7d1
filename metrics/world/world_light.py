"""Does the light of a clip of the world match the order of its prompts?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.metrics.common.world_backdrop import measured_gain
from lvbench.metrics.common.world_cast import SETTLE
from lvbench.metrics.common.world_order import Order, why_no_order
from lvbench.results.schema import ItemScore

_DARKEST = 1 / 64  # gain below which a channel counts as that


@dataclass
class _Light:
    """Time, stops off and stops too bright of every sampled frame."""

    video: VideoContext
    order: Order | None
    frames: int = 0
    rows: Column = field(default_factory=Column)


class WorldLight(Metric[_Light]):
    """Compare the light that falls on sky and ground with the schedule's, in stops."""

    info = MetricInfo(
        name="world_light",
        version=1,
        headline=ScoreInfo("World: lighting error", "stops", False),
        components={
            "bias": ScoreInfo("World: lighting bias", "stops", None),
            "worst": ScoreInfo("World: lighting error, worst segment", "stops", False),
        }
        | drift_infos("World: lighting error", "stops", False),
        needs=("world_view",),
        range=(0.0, None),
        group="over time",
        series={"off": "stops", "bias": "stops"},
        gates=("incoherence",),
        cites=("lvbench",),
    )

    def new_state(self, video: VideoContext) -> _Light:
        """Return the empty state."""
        return _Light(video, Order.of(video))

    def update(self, state: _Light, features: Mapping[str, Features]) -> None:
        """Measure the light of the next pictures."""
        found = features["world_view"]
        state.frames += len(found.t)
        if state.order is None:
            return
        for picture, t in zip(found["picture"], found.t.tolist(), strict=True):
            moment = state.order.at(t)
            if moment.index > 0 and moment.since < SETTLE:
                continue
            gain = np.maximum(measured_gain(picture, moment.shot.scene), _DARKEST)
            stops = np.log2(gain / moment.gain)
            state.rows.extend([t, float(np.abs(stops).mean()), float(stops.mean())])

    def item(self, state: _Light) -> ItemScore:
        """Return the mean distance from the ordered light, and its drift."""
        rows = state.rows.values().reshape(-1, 3)
        if state.order is None or len(rows) < 2:
            frames = state.frames if state.order is None else len(rows)
            return why_no_order(frames, state.video)
        seconds = state.video.segment_seconds
        off, bias = (per_segment(rows[:, 0], rows[:, i], seconds) for i in (1, 2))
        return ItemScore(
            value=float(off.y.mean()),
            components={"bias": float(bias.y.mean()), "worst": float(off.y.max())}
            | drift_components(off),
            series={"off": off.series(), "bias": bias.series()},
        )
