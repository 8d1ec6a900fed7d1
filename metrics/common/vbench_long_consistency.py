"""VBench-Long's consistency: within clips of two seconds, between their first frames, fused."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import Segments
from lvbench.metrics.common.similarity import Vectors, unit
from lvbench.metrics.common.vbench_consistency import FrameSequence
from lvbench.results.schema import ItemScore

_SECONDS = 2
_SHARE = 0.5  # of the mapped clip-to-clip score in the fused one


class Clips:
    """Cut the vectors of one extractor's frames into clips.

    It keeps the first frame's vector and the score of every clip, and as many last frames as a
    clip has, from which a short last clip borrows.

    Args:
        video: The video's context.
    """

    def __init__(self, video: VideoContext) -> None:
        # A clip has 2 int(fps) frames, which is less than two seconds at 29.97 frames a second.
        rate = video.fps or 0.0
        self._length = _SECONDS * (int(rate + 1e-3) / rate if rate >= 1 else 1.0)
        self._video = video
        self._zero = 0.0
        self._frames_per_clip: int | None = None
        self._recent: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._clip = -1
        self._count = 0
        self._sequence = FrameSequence(video)
        self._done: list[tuple[float, NDArray[np.float32], float]] = []

    def add(self, features: Features) -> None:
        """Take a block of vectors `image`."""
        for t, vector in zip(features.t.tolist(), unit(features["image"]), strict=True):
            if self._clip < 0:
                self._zero = t
            clip = int((t - self._zero) / self._length + 1e-4)
            if clip != self._clip:
                self._close()
                self._clip = clip
            self._count += 1
            self._sequence.add(t, vector)
            self._recent.append((t, vector.astype(np.float32)))
            if self._frames_per_clip and len(self._recent) > self._frames_per_clip:
                self._recent.popleft()

    def _close(self) -> None:
        if not self._count:
            return
        if self._frames_per_clip is None:
            self._frames_per_clip = self._count
        self._done.append(self._summary(self._sequence, self._start()))
        self._sequence, self._count = FrameSequence(self._video), 0

    def _start(self) -> float:
        return self._zero + self._clip * self._length

    def _summary(
        self, sequence: FrameSequence, start: float
    ) -> tuple[float, NDArray[np.float32], float]:
        assert sequence.first is not None
        scores = sequence.scores.values()
        inside = float(scores.mean()) if len(scores) else float("nan")
        return start, sequence.first.astype(np.float32), inside

    def finished(self) -> tuple[Vectors, Vectors, Vectors]:
        """Return starts `(c,)`, first vectors `(c, d)` and scores `(c,)` of the clips.

        A score is NaN where the clip has a single frame. A last clip with fewer frames than the
        first one begins earlier, so as to be as long.
        """
        done = list(self._done)
        full = self._frames_per_clip or self._count
        if self._count and self._count >= full:
            done.append(self._summary(self._sequence, self._start()))
        elif self._count:
            borrowed = FrameSequence(self._video)
            for t, vector in self._recent:
                borrowed.add(t, unit(vector))
            done.append(self._summary(borrowed, self._recent[0][0]))
        starts, firsts, inside = zip(*done, strict=True) if done else ((), (), ())
        vectors = unit(np.stack(firsts)) if firsts else np.empty((0, 0))
        return np.asarray(starts, np.float64), vectors, np.asarray(inside, np.float64)


@dataclass
class LongState:
    """Clips by extractor, and the table."""

    video: VideoContext
    clips: dict[str, Clips] = field(default_factory=dict)
    table: NDArray[np.float64] | None = None


def long_consistency_info(what: str, needs: tuple[str, ...]) -> MetricInfo:
    """Describe VBench-Long's consistency of `what` (subject, background)."""
    title = f"VBench-Long {what} consistency"

    def part(name: str) -> ScoreInfo:
        return ScoreInfo(f"{title}, {name}", "", True, "mean", (0.0, 1.0))

    return MetricInfo(
        name=f"vbench_long_{what}_consistency",
        version=1,
        headline=ScoreInfo(title, "", True),
        components={
            "within_clips": part("within clips"),
            "between_clips": part("between clips"),
            "mapped": part("between clips, mapped"),
        },
        needs=needs,
        range=(0.0, 1.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"within_clips": "", "between_clips": ""},
        cites=("huang2025vbenchpp",),
        tolerance=1e-4,
    )


class VbenchLongConsistency(Metric[LongState]):
    """Fuse the mean score within clips with the mapped score between their first frames.

    The first of a subclass's `needs` encodes every frame of a clip, the last but one the clips'
    first frames, the last is the table of quantiles.
    """

    def new_state(self, video: VideoContext) -> LongState:
        """Return the empty state."""
        encoders = dict.fromkeys(self.needs[:-1])
        return LongState(video, {name: Clips(video) for name in encoders})

    def update(self, state: LongState, features: Mapping[str, Features]) -> None:
        """Add a block of one extractor to its clips; keep the table."""
        for name, clips in state.clips.items():
            if name in features:
                clips.add(features[name])
        if self.needs[-1] in features:
            state.table = features[self.needs[-1]]["map"][0]

    def item(self, state: LongState) -> ItemScore:
        """Return the fused score of one video."""
        starts, _, inside = state.clips[self.needs[0]].finished()
        openings, firsts, _ = state.clips[self.needs[-2]].finished()
        if len(starts) < 2 or len(firsts) < 2 or np.isnan(inside).any():
            return not_applicable("too_short", "fewer than 2 clips of 2 s, with 2 frames each")
        assert state.table is not None
        between = FrameSequence(state.video)
        for t, vector in zip(openings.tolist(), firsts, strict=True):
            between.add(t, vector)
        apart = float(between.scores.values().mean())
        mapped = float(np.interp(apart, state.table[:, 0], state.table[:, 1]))
        within = float(inside.mean())
        return ItemScore(
            value=(1 - _SHARE) * within + _SHARE * mapped,
            components={"within_clips": within, "between_clips": apart, "mapped": mapped},
            series={
                "within_clips": Segments(starts, inside).series(),
                "between_clips": Segments(openings[1:], between.scores.values()).series(),
            },
        )
