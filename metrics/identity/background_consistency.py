"""Is the scene behind the subject found again wherever the camera shows it again?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.scene_memory import (
    Pose,
    View,
    compare,
    scene_of,
    seen_again,
    thinned,
)
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
    segment_index,
    why_no_drift,
)
from lvbench.metrics.common.similarity import half_life_components, half_life_infos
from lvbench.metrics.common.standing import Standing
from lvbench.results.schema import ItemScore

_CANDIDATES = 4  # Views that a picture is compared with, of those in sight the earliest.


@dataclass
class _Scene:
    """State: the views, where the camera is, the last picture, numbers per sampled time.

    `standing`: what stands in views, by the view's time. `broken`: the scene has changed in one
    step, and has not come back; no motion of the camera led here, so that all views may be in
    sight, and no new one is taken.
    """

    video: VideoContext
    views: list[View] = field(default_factory=list)
    standing: dict[float, Standing] = field(default_factory=dict)
    pose: Pose = field(default_factory=Pose)
    broken: bool = False
    passed: int = 0
    last: tuple[View, NDArray[np.float64]] | None = None
    sampled: Column = field(default_factory=Column)
    t: Column = field(default_factory=Column)
    found: Column = field(default_factory=Column)
    replaced: Column = field(default_factory=Column)
    previous_t: Column = field(default_factory=Column)
    previous: Column = field(default_factory=Column)


class BackgroundConsistency(Metric[_Scene]):
    """Look up every place of the scene in all earlier views that the camera still shows.

    Args:
        extractor: Describes the places, follows the subject, and gives the camera's motion.
        baseline: Median share of places that are found in another scene; that of `mobilenet_v2`
            unless set otherwise.
        anchor_seconds: How long every picture is a view; also the least age of a view that a
            later picture is compared with.
        overlap: Share of a view that must still be visible for a comparison.
        fewest: Share of the time in which an old view must be in sight.
    """

    info = MetricInfo(
        name="background_consistency",
        version=1,
        headline=ScoreInfo("Background consistency", "", True),
        components=drift_infos("Background found", "", True)
        | half_life_infos("Background found")
        | {
            "lowest": ScoreInfo("Background found, lowest second", "", True),
            "replaced": ScoreInfo("Replaced places, fraction", "", False, "mean", (0.0, 1.0)),
            "to_previous": ScoreInfo("Background found of the previous sample", "", True),
            "compared": ScoreInfo("Old view, fraction of time", "", None, "mean", (0.0, 1.0)),
            "views": ScoreInfo("Camera views", "", None, "mean", (1.0, None)),
        },
        needs=("subject",),
        range=(0.0, 1.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"background_found": "", "to_previous": "", "replaced": ""},
        cites=("lvbench", "adiv1985motion"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        extractor: str = "subject",
        baseline: float = 0.1,
        anchor_seconds: float = 2.0,
        overlap: float = 0.6,
        fewest: float = 0.5,
    ) -> None:
        if not (-1 <= baseline < 1 and 0 < overlap < 1 and 0 <= fewest <= 1):
            raise ValueError(
                f"baseline {baseline}, overlap {overlap} or fewest {fewest} is out of range"
            )
        self.extractor, self.baseline, self.fewest = extractor, baseline, fewest
        self.anchor_seconds, self.overlap = anchor_seconds, overlap

    def new_state(self, video: VideoContext) -> _Scene:
        """Return the empty state."""
        return _Scene(video)

    def update(self, state: _Scene, features: Mapping[str, Features]) -> None:
        """Look up the pictures of a block."""
        found = features[self.needs[0]]
        for i, t in enumerate(found.t):
            covered = np.maximum(found["region"][i], found["moves"][i])
            local, known = scene_of(found["places"][i], covered)
            now = View(float(t), self._pose(state, float(t), found["camera"][i]), local, known,
                       found["colour"][i])  # fmt: skip
            self._see(state, now)
            state.last = now, found["camera"][i]

    def _pose(self, state: _Scene, t: float, camera: NDArray[np.float64]) -> Pose:
        """Return where the camera is now."""
        if state.last is not None:
            before, velocity = state.last
            state.pose = state.pose.moved((velocity + camera) / 2, t - before.t)
        return state.pose

    def _see(self, state: _Scene, now: View) -> None:
        state.sampled.append(now.t)
        if state.last is not None:
            self._step(state, now, state.last[0])
        found = self._compare(state, now)
        if found:
            state.t.append(now.t)
            state.replaced.append(self._replaced(state, now, found[0][0]))
            view, share = max(found, key=lambda pair: pair[1])
            state.found.append(share)
            if state.broken and share >= (1 + self.baseline) / 2:
                state.broken, state.pose = False, view.pose
        self._remember(state, now)

    def _replaced(self, state: _Scene, now: View, view: View) -> float:
        """Return the share of a view's places that were replaced at this sight."""
        standing = state.standing.setdefault(view.t, Standing(view.colour))
        motion = Pose() if state.broken else now.pose.since(view.pose)
        return standing.see(*seen_again(now, view, motion))

    def _step(self, state: _Scene, now: View, before: View) -> None:
        """Compare with the sample before; a step loses more than half of what it has to lose."""
        kept = compare(now, before, now.pose.since(before.pose))
        if kept is None:
            return
        state.previous_t.append(now.t)
        state.previous.append(kept)
        state.broken |= kept < (1 + self.baseline) / 2

    def _compare(self, state: _Scene, now: View) -> list[tuple[View, float]]:
        """Return the views that are in sight and old enough, with the share found of each."""
        start = state.sampled.values()[0]
        old = [v for v in state.views if now.t - v.t >= self.anchor_seconds]
        if now.t - start < self.anchor_seconds or not old:
            old = [v for v in state.views if v.t - start < self.anchor_seconds]
        if state.broken:
            pairs = [(view, compare(now, view, Pose())) for view in old]
        else:
            seen = [v for v in old if now.pose.overlap(v.pose) >= self.overlap][:_CANDIDATES]
            pairs = [(view, compare(now, view, now.pose.since(view.pose))) for view in seen]
        return [(view, share) for view, share in pairs if share is not None]

    def _remember(self, state: _Scene, now: View) -> None:
        """Take the first pictures as views, and later those of places that no view shows."""
        early = now.t - state.sampled.values()[0] < self.anchor_seconds
        shown = any(now.pose.overlap(view.pose) >= self.overlap for view in state.views)
        if early or not (shown or state.broken):
            state.passed += not shown
            state.views = thinned([*state.views, now])
            kept = {view.t for view in state.views}
            state.standing = {t: one for t, one in state.standing.items() if t in kept}

    def item(self, state: _Scene) -> ItemScore:
        """Return the mean share of the places that are found again."""
        seconds = state.video.segment_seconds
        t = state.t.values()
        sampled = state.sampled.values()
        segments = len(np.unique(segment_index(sampled, seconds)))
        refusal = why_no_drift(segments, state.video, "scene")
        if refusal:
            return refusal
        compared = len(t) / max(1, len(sampled) - 1)
        found = per_segment(t, state.found.values(), seconds)
        if compared < self.fewest:
            return not_applicable(
                "too_little_in_sight",
                f"a view older than {self.anchor_seconds:g} s was in sight for {compared:.0%} of "
                f"the time, {self.fewest:.0%} is needed: the camera moves on to new places",
            )
        refusal = why_no_drift(len(found.t), state.video, "scene")
        if refusal:
            return refusal
        replaced = per_segment(t, state.replaced.values(), seconds)
        previous = per_segment(state.previous_t.values(), state.previous.values(), seconds)
        return ItemScore(
            value=float(found.y.mean()),
            components=drift_components(found)
            | half_life_components(found, self.baseline)
            | {
                "lowest": _lowest(found.y, seconds),
                "replaced": float(replaced.y.max()),
                "to_previous": float(np.mean(previous.y)),
                "compared": min(1.0, compared),
                "views": float(max(1, state.passed)),
            },
            series={
                "background_found": found.series(),
                "to_previous": previous.series(),
                "replaced": replaced.series(),
            },
        )


def _lowest(y: NDArray[np.float64], seconds: float) -> float:
    """Return the lowest mean over a second."""
    width = min(len(y), max(1, round(1 / seconds)))
    return float(np.convolve(y, np.ones(width) / width, "valid").min())
