"""Does each part of the video show the prompt that is due, and how late?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.schedule import Schedule, kendall_tau
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import Event, ItemScore, Series


@dataclass
class Similarities:
    """Every sampled frame's similarity with each prompt."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    rows: Column = field(default_factory=Column)
    cut: bool = False


@dataclass(frozen=True)
class _Story:
    """What only a schedule of several texts has."""

    parts: dict[str, float] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


class ClipText(Metric[Similarities]):
    """Compare each frame with the prompt that is due and with all others.

    Args:
        extractor: A CLIP, which emits `text_similarity`.
    """

    info = MetricInfo(
        name="clip_text",
        version=1,
        headline=ScoreInfo("Similarity to the prompt that is due", "", True),
        components={
            "leakage": ScoreInfo("Other prompts' lead over the one due", "", False),
            "leaked": ScoreInfo("Segments nearer to another prompt", "", False, "mean", (0.0, 1.0)),
            "lag": ScoreInfo("Lag after a change of prompt", "s", False, "median", (0.0, None)),
            "switches_missed": ScoreInfo(
                "Changes of prompt not followed", "", False, "mean", (0.0, 1.0)
            ),
            "order": ScoreInfo("Story order, Kendall's tau", "", True, "mean", (-1.0, 1.0)),
            "events_missing": ScoreInfo(
                "Prompts that are never shown", "", False, "mean", (0.0, 1.0)
            ),
            "events_repeated": ScoreInfo(
                "Prompts shown once too often, per video", "", False, "mean", (0.0, None)
            ),
        }
        | drift_infos("Similarity to the prompt that is due", "", True),
        needs=("clip_vit_b_32",),
        range=(-1.0, 1.0),
        group="text",
        gates=("freeze",),
        series={"own": "", "leakage": ""},
        cites=("lvbench", "kendall1938rank"),
        tolerance=1e-4,
    )

    def __init__(self, extractor: str = "clip_vit_b_32") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> Similarities:
        """Return the empty state."""
        return Similarities(video)

    def update(self, state: Similarities, features: Mapping[str, Features]) -> None:
        """Keep every frame's similarity with every prompt."""
        found = features[self.needs[0]]
        state.t.extend(found.t)
        if state.video.prompts:
            state.rows.extend(found["text_similarity"])
            state.cut = state.cut or bool(np.any(found.values.get("text_cut", False)))

    def item(self, state: Similarities) -> ItemScore:
        """Return the mean similarity with the prompt that is due, and how the story was told."""
        t, video = state.t.values(), state.video
        if len(t) < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 2 sampled frames"
            )
        if not video.prompts:
            return ItemScore(
                status="not_applicable", code="no_prompt", detail="the manifest names no prompt"
            )
        schedule = Schedule(video.prompts, t, state.rows.values().reshape(len(t), -1))
        own = per_segment(t, schedule.own(), video.segment_seconds)
        drift = drift_components(own) if len(own.t) >= MINIMUM_SEGMENTS else {}
        story = _story(schedule, video.segment_seconds) if len(schedule.texts) > 1 else _Story()
        flags = ["prompt_cut_at_75_tokens"] if state.cut else []
        if len(schedule.starts) < len(video.prompts):
            flags.append("schedule_longer_than_video")
        return ItemScore(
            value=float(np.clip(own.y.mean(), -1.0, 1.0)),
            components=story.parts | drift,
            series={"own": own.series()} | story.series,
            events=story.events,
            flags=flags,
        )


def _story(schedule: Schedule, seconds: float) -> _Story:
    """Return leakage, lag, order and events."""
    lead = schedule.leakage()
    leakage = per_segment(schedule.t, lead, seconds)
    switches = schedule.switches()
    lags = [e.end - e.start for e in switches if e.kind == "switch_followed"]
    centres, due, shown = schedule.shown(seconds)
    untold = schedule.untold(centres, due, shown)
    missing = sum(e.kind == "prompt_missing" for e in untold)
    parts = {
        "leakage": float(leakage.y.mean()),
        "leaked": float(np.mean(leakage.y > 0)),
        "order": kendall_tau(due, shown),
        "events_missing": missing / len(schedule.texts),
        "events_repeated": float(len(untold) - missing),
    }
    if switches:
        parts["switches_missed"] = 1.0 - len(lags) / len(switches)
    if lags:
        parts["lag"] = float(np.mean(lags))
    events = sorted([*switches, *untold], key=lambda e: (e.start, e.kind))
    return _Story(parts, {"leakage": leakage.series()}, events)
