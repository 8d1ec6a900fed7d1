"""Is the audio free of faults, and does its loudness stay constant?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.runs import runs
from lvbench.metrics.common.segments import (
    Segments,
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import Event, ItemScore

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEAST_SECONDS = 0.4
_SEAM_SECONDS = 0.3
_ABSOLUTE_GATE = -70.0  # LUFS: a softer block is silence
_RELATIVE_GATE = -10.0  # LU
_STEPS = 4  # of 100 ms in a block of 400 ms, which overlap by three
_OFFSET = -0.691
_PARTS = 4  # of a hop, each with its level
_SILENT = 1e-3  # -60 dB of full scale
_DEAD = 1e-4  # -80 dB: no recording falls so low within a sound
_LOUD = 10 ** (-45 / 20)  # least level on both sides of a dropout
_SILENCE_SECONDS = 0.3
_LONGEST_DROPOUT = 0.5
_SAME_CLIPPING = 0.5
_BALANCE = 0.05  # -26 dB: less on one side is the beginning or end of a sound
_ATTACK = 4.0  # 12 dB: sounds begin suddenly in the middle of others; they do not end so
_DECLARED_SECONDS = 0.05


@dataclass
class Waveform:
    """One row per hop of the waveform and per step of the loudness of one video."""

    video: VideoContext
    hops: Column = field(default_factory=Column)
    steps: Column = field(default_factory=Column)


class AudioQuality(Metric[Waveform]):
    """Count the faults of the waveform, and follow the loudness.

    Args:
        jump: Least ratio of a discontinuity to its surroundings.
        jump_at_seam: The same at a declared seam.
    """

    info = MetricInfo(
        name="audio_quality",
        version=1,
        headline=ScoreInfo("Audio faults", "1/min", False),
        components={
            "clipping": ScoreInfo("Clipped sample fraction", "", False, range=(0.0, 1.0)),
            "silence": ScoreInfo("Silence fraction", "", None, range=(0.0, 1.0)),
            "gaps": ScoreInfo("Audio gap fraction", "", False, range=(0.0, 1.0)),
            "discontinuities": ScoreInfo(
                "Audio discontinuities", "1/min", False, range=(0.0, None)
            ),
            "seam_level": ScoreInfo("Loudness jump at seams", "LU", False, range=(0.0, None)),
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

    def new_state(self, video: VideoContext) -> Waveform:
        """Return the empty state."""
        return Waveform(video)

    def update(self, state: Waveform, features: Mapping[str, Features]) -> None:
        """Keep eleven numbers of every 20 ms and two of every 100 ms."""
        if "waveform" in features:
            found = features["waveform"]
            names = ("jump", "jump_t", "before", "after", "clipped", "missing")
            columns = [found.t, *(found[name] for name in names), *found["level"].T]
            state.hops.extend(np.stack(columns, axis=1))
        if "loudness" in features:
            steps = features["loudness"]
            state.steps.extend(np.stack([steps.t, steps["power"]], axis=1))

    def item(self, state: Waveform) -> ItemScore:
        """Return the faults per minute of audio."""
        hops = Hops.of(state.hops)
        steps = state.steps.values().reshape(-1, 2)
        seconds = len(hops.t) * hops.hop if len(hops.t) > 1 else 0.0
        if seconds < _LEAST_SECONDS or not len(steps):
            found = f"{seconds:.2f} s of audio, {_LEAST_SECONDS:g} s are needed"
            return not_applicable("too_short", found)
        loudness = integrated(steps[:, 1])
        if loudness is None:
            detail = f"the audio never reaches {_ABSOLUTE_GATE:g} LUFS"
            return not_applicable("silent", detail)
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
            **drift_components(segments, "loudness_"),
        }
        return ItemScore(
            value=60 * len(faults) / seconds,
            components=parts,
            series={"loudness": segments.series()},
            events=sorted([*faults, *quiet], key=lambda event: (event.start, event.kind)),
        )


@dataclass(frozen=True, slots=True)
class Hops:
    """One row per hop of the audio; see `lvbench.features.audio.waveform`.

    Attributes:
        t: Middle of each hop in seconds.
        jump, jump_t, before, after, clipped, missing: As the extractor gives them, `(n,)`.
        level: `(n, 4)`.
    """

    t: Floats
    jump: Floats
    jump_t: Floats
    before: Floats
    after: Floats
    clipped: Floats
    missing: Floats
    level: Floats

    @staticmethod
    def of(column: Column) -> Hops:
        """Return the rows that a metric has collected, in the order of the attributes."""
        rows = column.values().reshape(-1, 7 + _PARTS)
        t, jump, jump_t, before, after, clipped, missing = rows[:, :7].T
        return Hops(t, jump, jump_t, before, after, clipped, missing, rows[:, 7:])

    @property
    def hop(self) -> float:
        """Return the seconds of a hop."""
        return float(np.median(np.diff(self.t)))


def clipping(hops: Hops) -> list[Event]:
    """Return the spans with clipped samples; less than half a second apart is one."""
    return [
        _event("clipping", start, end, share=float(hops.clipped[first:last].mean()))
        for start, end, first, last in _spans(hops, hops.clipped > 0, _SAME_CLIPPING)
    ]


def silences(hops: Hops) -> list[Event]:
    """Return the spans of 0.3 s or more below -60 dB of full scale, except gaps in time."""
    quiet = (hops.level.max(axis=1) < _SILENT) & (hops.missing <= 0.5)
    return [
        _event("silence", start, end)
        for start, end, _, _ in _spans(hops, quiet, 0.0)
        if end - start >= _SILENCE_SECONDS - hops.hop / 2
    ]


def gaps(hops: Hops) -> list[Event]:
    """Return the holes in the time stamps, and the dropouts: dead silence amid audio.

    A dropout lasts up to half a second and has audio above -45 dB right before and after it.
    """
    holes = [
        _event("gap", start, end, source="time stamps")
        for start, end, _, _ in _spans(hops, hops.missing > 0.5, 0.0)
    ]
    part = hops.hop / _PARTS
    level = hops.level.ravel()
    begin = float(hops.t[0]) - hops.hop / 2
    for first, last in runs(level < _DEAD):
        amid = first > 0 and last < len(level) and last - first >= 2
        if not amid or (last - first) * part > _LONGEST_DROPOUT:
            continue
        sides = min(level[max(0, first - 2) : first].max(), level[last : last + 2].max())
        start, end = begin + first * part, begin + last * part
        if sides >= _LOUD and not any(h.start < end and start < h.end for h in holes):
            holes.append(_event("gap", start, end, source="dropout"))
    return sorted(holes, key=lambda event: event.start)


def discontinuities(
    hops: Hops, seams: Sequence[float], found: float, declared: float, near: list[Event]
) -> list[Event]:
    """Return the jumps of the waveform that exceed their surroundings.

    There is audio on both sides of a jump, and, away from declared seams, it does not become
    louder by more than 12 dB.

    Args:
        hops: The audio.
        seams: Declared chunk boundaries in seconds.
        found: Least ratio of a jump, anywhere.
        declared: Least ratio of a jump within 50 ms of a seam.
        near: Gaps, whose edges are no discontinuities.
    """
    at_seam = _within(hops.jump_t, seams, _DECLARED_SECONDS)
    stands_out = hops.jump >= np.where(at_seam, declared, found)
    edges = [edge for gap in near for edge in (gap.start, gap.end)]
    quieter, louder = np.minimum(hops.before, hops.after), np.maximum(hops.before, hops.after)
    stands_out &= (quieter > 0) & (quieter >= _BALANCE * louder)
    stands_out &= at_seam | (hops.after <= _ATTACK * hops.before)
    stands_out &= ~_within(hops.jump_t, edges, hops.hop)
    events = []
    for i in np.flatnonzero(stands_out):
        source = "seam" if at_seam[i] else "found"
        at = float(hops.jump_t[i])
        events.append(_event("discontinuity", at, at, jump=float(hops.jump[i]), source=source))
    return events


def _within(t: Floats, times: Sequence[float], reach: float) -> Mask:
    return np.asarray((np.abs(t[:, None] - np.asarray(times, np.float64)) <= reach).any(axis=1))


def _spans(hops: Hops, mask: Mask, join: float) -> list[tuple[float, float, int, int]]:
    """Return start, end, first and last + 1 of each run, runs nearer than `join` as one."""
    spans: list[tuple[float, float, int, int]] = []
    half = hops.hop / 2
    for first, last in runs(mask):
        start, end = float(hops.t[first]) - half, float(hops.t[last - 1]) + half
        if spans and start - spans[-1][1] < join:
            start, _, first, _ = spans.pop()
        spans.append((start, end, first, last))
    return spans


def _event(kind: str, start: float, end: float, **details: float | str) -> Event:
    return Event(kind=kind, start=start, end=end, details=dict(details))


def lufs(power: Floats) -> Floats:
    """Return the loudness of K-weighted powers in LUFS; -200 at least."""
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 10 ** (-199.309 / 10))))


def integrated(power: Floats) -> float | None:
    """Return the integrated loudness in LUFS, gated absolutely and then relatively.

    Args:
        power: K-weighted power of consecutive steps of 100 ms, all channels together.

    Returns:
        None where no block of 400 ms is louder than the absolute gate.

    Source: BS.1770-4, annex 1, equations 3 to 7.
    """
    if len(power) < _STEPS:
        return None
    blocks = np.lib.stride_tricks.sliding_window_view(power, _STEPS).mean(axis=1)
    loud = blocks[lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return None
    gate = float(lufs(loud.mean())) + _RELATIVE_GATE
    return float(lufs(loud[lufs(loud) > gate].mean()))


def _share(events: Sequence[Event], seconds: float) -> float:
    return min(1.0, sum(event.end - event.start for event in events) / seconds)


def _loudness(steps: NDArray[np.float64], seconds: float) -> Segments:
    """Return the loudness of every segment that is not silent."""
    power = per_segment(steps[:, 0], steps[:, 1], seconds)
    loud = lufs(power.y)
    return Segments(power.t[loud > _ABSOLUTE_GATE], loud[loud > _ABSOLUTE_GATE])


def _seam_level(steps: NDArray[np.float64], seams: Sequence[float]) -> dict[str, float]:
    """Return the median change of loudness across declared seams, above that elsewhere."""
    t, power = steps.T
    width = round(_SEAM_SECONDS / 0.1)
    if not seams or len(t) < 2 * width + 1:
        return {}
    means = np.lib.stride_tricks.sliding_window_view(power, width).mean(axis=1)
    floor = 10 ** (_ABSOLUTE_GATE / 10)
    # The step that contains a seam belongs to neither side.
    sides = lufs(np.maximum(means, floor))
    across = np.abs(sides[width + 1 :] - sides[: -width - 1])
    middle = t[width : width + len(across)]
    at = [int(np.abs(middle - s).argmin()) for s in seams if middle[0] <= s <= middle[-1]]
    if not at:
        return {}
    return {"seam_level": max(0.0, float(np.median(across[at]) - np.median(across)))}
