"""Is the sound whole, and does it stay as loud as it was?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.audio_faults import Hops, clipping, discontinuities, gaps, silences
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.loudness_gating import ABSOLUTE_GATE, integrated, lufs
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    Segments,
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import Event, ItemScore

_LEAST_SECONDS = 0.4
_SEAM_SECONDS = 0.3


@dataclass
class Heard:
    """Hold one row per hop of the waveform and per step of the loudness of one video."""

    video: VideoContext
    hops: Column = field(default_factory=Column)
    steps: Column = field(default_factory=Column)


class AudioQuality(Metric[Heard]):
    """Count the faults of the waveform, and follow the loudness.

    Args:
        jump: Least ratio of a discontinuity to its surroundings.
        jump_at_seam: The same at a declared seam.
    """

    info = MetricInfo(
        name="audio_quality",
        version=1,
        headline=ScoreInfo("Faults of the sound", "1/min", False),
        components={
            "clipping": ScoreInfo("Clipped samples", "", False, range=(0.0, 1.0)),
            "silence": ScoreInfo("Silent time", "", None, range=(0.0, 1.0)),
            "gaps": ScoreInfo("Time in gaps", "", False, range=(0.0, 1.0)),
            "discontinuities": ScoreInfo("Discontinuities", "1/min", False, range=(0.0, None)),
            "seam_level": ScoreInfo("Jump of loudness at seams", "LU", False, range=(0.0, None)),
            "loudness": ScoreInfo("Integrated loudness", "LUFS", None),
            **drift_infos("Loudness", "LU", None, "loudness_"),
        },
        needs=("waveform", "loudness"),
        range=(0.0, None),
        group="audio",
        series={"loudness": "LUFS"},
        cites=("itu2015bs1770", "ebu:r128", "makhoul1975linear", "lvbench"),
        tolerance=1e-4,
    )

    def __init__(self, jump: float = 2.5, jump_at_seam: float = 1.5) -> None:
        self.jump, self.jump_at_seam = jump, jump_at_seam

    def new_state(self, video: VideoContext) -> Heard:
        """Return the empty state."""
        return Heard(video)

    def update(self, state: Heard, features: Mapping[str, Features]) -> None:
        """Keep eleven numbers of every 20 ms and two of every 100 ms."""
        if "waveform" in features:
            found = features["waveform"]
            names = ("jump", "jump_t", "before", "after", "clipped", "missing")
            columns = [found.t, *(found[name] for name in names), *found["level"].T]
            state.hops.extend(np.stack(columns, axis=1))
        if "loudness" in features:
            steps = features["loudness"]
            state.steps.extend(np.stack([steps.t, steps["power"]], axis=1))

    def item(self, state: Heard) -> ItemScore:
        """Return the faults per minute of sound."""
        hops = Hops.of(state.hops)
        steps = state.steps.values().reshape(-1, 2)
        seconds = len(hops.t) * hops.hop if len(hops.t) > 1 else 0.0
        if seconds < _LEAST_SECONDS or not len(steps):
            found = f"{seconds:.2f} s of sound, {_LEAST_SECONDS:g} s are needed"
            return ItemScore(status="not_applicable", code="too_short", detail=found)
        loudness = integrated(steps[:, 1])
        if loudness is None:
            detail = f"the sound never reaches {ABSOLUTE_GATE:g} LUFS"
            return ItemScore(status="not_applicable", code="silent", detail=detail)
        holes = gaps(hops)
        seams = state.video.seams or ()
        jumps = discontinuities(hops, seams, self.jump, self.jump_at_seam, holes)
        faults = [*clipping(hops), *holes, *jumps]
        quiet = silences(hops)
        segments = _loudness(steps, state.video.segment_seconds)
        parts = {
            "clipping": float(hops.clipped.mean()),
            "silence": _share(quiet, seconds),
            "gaps": _share(holes, seconds),
            "discontinuities": 60 * len(jumps) / seconds,
            "loudness": loudness,
            **_seam_level(steps, seams),
        }
        if len(segments.t) >= MINIMUM_SEGMENTS:
            parts |= drift_components(segments, "loudness_")
        return ItemScore(
            value=60 * len(faults) / seconds,
            components=parts,
            series={"loudness": segments.series()},
            events=sorted([*faults, *quiet], key=lambda event: (event.start, event.kind)),
        )


def _share(events: Sequence[Event], seconds: float) -> float:
    return min(1.0, sum(event.end - event.start for event in events) / seconds)


def _loudness(steps: NDArray[np.float64], seconds: float) -> Segments:
    """Return the loudness of every segment that is not silent."""
    power = per_segment(steps[:, 0], steps[:, 1], seconds)
    loud = lufs(power.y)
    return Segments(power.t[loud > ABSOLUTE_GATE], loud[loud > ABSOLUTE_GATE])


def _seam_level(steps: NDArray[np.float64], seams: Sequence[float]) -> dict[str, float]:
    """Return the median change of loudness across declared seams, above that elsewhere."""
    t, power = steps.T
    width = round(_SEAM_SECONDS / 0.1)
    if not seams or len(t) < 2 * width + 1:
        return {}
    means = np.lib.stride_tricks.sliding_window_view(power, width).mean(axis=1)
    floor = 10 ** (ABSOLUTE_GATE / 10)
    # The step that a seam lies in belongs to neither side.
    sides = lufs(np.maximum(means, floor))
    across = np.abs(sides[width + 1 :] - sides[: -width - 1])
    middle = t[width : width + len(across)]
    at = [int(np.abs(middle - s).argmin()) for s in seams if middle[0] <= s <= middle[-1]]
    if not at:
        return {}
    return {"seam_level": max(0.0, float(np.median(across[at]) - np.median(across)))}
