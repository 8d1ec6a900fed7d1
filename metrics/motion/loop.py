"""What fraction of the video's time repeats what was shown before?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.repeats import Repeat, Thumbnails, distance, find_repeats
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event, ItemScore

Float = NDArray[np.float64]


@dataclass
class Thumbs:
    """The thumbnails of one video: a few hundred bytes per frame, in one buffer that grows."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    buffer: bytearray = field(default_factory=bytearray)


class Loop(Metric[Thumbs]):
    """Find runs of moving frames that match an earlier run, forwards or backwards.

    Args:
        ratio: A frame matches an earlier one if their distance is below `ratio` times that which
            the picture moves within `step_seconds` there.
        step_seconds: Time over which the picture's own motion is measured.
        still: Motion below which nothing is judged, levels (root mean square over a thumbnail).
        minimum_seconds: Shortest repeat.
        minimum_period: Shortest period.
    """

    info = MetricInfo(
        name="loop",
        version=1,
        headline=ScoreInfo("Time repeated", "", False),
        components={
            "period": ScoreInfo("Period of the longest loop", "s", None, range=(0.0, None))
        },
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="motion",
        series={"repeated": ""},
        cites=("lvbench",),
    )

    def __init__(
        self,
        ratio: float = 0.4,
        step_seconds: float = 0.25,
        still: float = 0.7,
        minimum_seconds: float = 1.0,
        minimum_period: float = 0.5,
    ) -> None:
        self.ratio, self.step_seconds, self.still = ratio, step_seconds, still
        self.minimum_seconds, self.minimum_period = minimum_seconds, minimum_period

    def new_state(self, video: VideoContext) -> Thumbs:
        """Return the empty state."""
        return Thumbs(video)

    def update(self, state: Thumbs, features: Mapping[str, Features]) -> None:
        """Keep the thumbnails."""
        state.t.extend(features["fingerprint"].t)
        state.buffer += features["fingerprint"]["thumbnail"].tobytes()

    def item(self, state: Thumbs) -> ItemScore:
        """Return the fraction of time that is a repeat, with every loop as an event."""
        t = state.t.values()
        if len(t) < 2:
            return ItemScore(
                status="not_applicable", code="too_short", detail="fewer than 3 frames"
            )
        pictures: Thumbnails = np.frombuffer(state.buffer, np.uint8).reshape(len(t), -1)
        frame = float(np.median(np.diff(t)))
        length = max(3, round(self.minimum_seconds / frame))
        limit = self._limit(pictures, max(1, round(self.step_seconds / frame)), length)
        nearest = max(2, round(self.minimum_period / frame))
        found = find_repeats(pictures, limit, nearest=nearest, length=length)
        repeated = np.zeros(len(t), np.bool_)
        for repeat in found:
            repeated[repeat.first : repeat.last] = True
        events = [_event(repeat, t) for repeat in found]
        longest = max(events, key=lambda e: e.end - e.start, default=None)
        series = per_segment(t, repeated.astype(np.float64), state.video.segment_seconds)
        return ItemScore(
            value=float(repeated.mean()),
            components={"period": float(longest.details["period"])} if longest else {},
            series={"repeated": series.series()},
            events=events,
        )

    def _limit(self, pictures: Thumbnails, step: int, window: int) -> Float:
        """Return for every frame the squared distance below which another one matches it."""
        motion = np.full(len(pictures), np.inf)
        if len(pictures) > step:
            apart = distance(pictures, np.arange(step, len(pictures)), lambda k: k - step)
            motion[step:] = apart
            motion[:-step] = np.minimum(motion[:-step], apart)
        motion[np.isinf(motion)] = 0.0
        # The median over a window asks for motion most of the time: neither a cut nor a flash in
        # a still scene makes it move, nor does a pause in a moving one make it still.
        padded = np.pad(motion, (window // 2, (window - 1) // 2), "edge")
        typical = np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
        return np.where(typical > self.still**2, self.ratio**2 * typical, 0.0)


def _event(repeat: Repeat, t: Float) -> Event:
    first, last = repeat.first, repeat.last - 1
    source = int(repeat.source(np.array([first, last])).min())
    # A mirrored run comes round again after twice its length.
    period = t[first] - t[source] if repeat.forwards else 2 * (t[last] - t[first])
    return Event(
        kind="loop",
        start=float(t[first]),
        end=float(t[last]),
        details={
            "period": float(period),
            "source": float(t[source]),
            "direction": "forwards" if repeat.forwards else "backwards",
        },
    )
