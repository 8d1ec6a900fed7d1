"""Does the audio contain the ordered sounds, at their times, and no others?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.results.schema import Event, ItemScore

Floats = NDArray[np.float64]

_NEIGHBOUR_SECONDS = 0.03
_AROUND_SECONDS = 0.5
_LEAST_SECONDS = 0.4


@dataclass
class Strength:
    """The audio's onset strength over one video."""

    video: VideoContext
    rows: Column = field(default_factory=Column)


class SoundEvents(Metric[Strength]):
    """Match the sounds of a manifest one to one with the onsets in the audio track.

    Args:
        tolerance: Largest distance in seconds of a sound from its order.
        least_rise: Least onset strength, in dB.
        least_contrast: Least onset strength, as a multiple of the mean within half a second.
    """

    reads_segments = False
    info = MetricInfo(
        name="sound_events",
        version=1,
        headline=ScoreInfo("Sound event F1", "", True),
        components={
            "recall": ScoreInfo("Sound event recall", "", True, range=(0.0, 1.0)),
            "precision": ScoreInfo("Sound event precision", "", True, range=(0.0, 1.0)),
            "offset": ScoreInfo("Sound event offset", "s", None, "median_absolute"),
        },
        needs=("onset_strength",),
        range=(0.0, 1.0),
        group="audio",
        cites=("lvbench", "bello2005onset"),
        tolerance=1e-6,
    )

    def __init__(
        self, tolerance: float = 0.1, least_rise: float = 3.0, least_contrast: float = 3.0
    ) -> None:
        self.tolerance, self.least_rise = tolerance, least_rise
        self.least_contrast = least_contrast

    def new_state(self, video: VideoContext) -> Strength:
        """Return the empty state."""
        return Strength(video)

    def update(self, state: Strength, features: Mapping[str, Features]) -> None:
        """Keep two numbers of every 10 ms."""
        onsets = features["onset_strength"]
        state.rows.extend(np.stack([onsets.t, onsets["strength"]], axis=1))

    def item(self, state: Strength) -> ItemScore:
        """Return the harmonic mean of precision and recall."""
        t, strength = state.rows.values().reshape(-1, 2).T
        if len(t) < 2 or t[-1] - t[0] < _LEAST_SECONDS:
            detail = f"less than {_LEAST_SECONDS:g} s of audio"
            return not_applicable("too_short", detail)
        ordered = state.video.sounds
        if ordered is None:
            detail = "the manifest orders no sounds"
            return not_applicable("no_sounds", detail)
        heard = pick_onsets(t, strength, self.least_rise, self.least_contrast)
        pairs = match(np.asarray(ordered), heard, self.tolerance)
        parts = {"recall": len(pairs) / len(ordered)}
        if len(heard):
            parts["precision"] = len(pairs) / len(heard)
        if pairs:
            parts["offset"] = float(np.mean([heard[j] - ordered[i] for i, j in pairs]))
        matched = {i for i, _ in pairs}, {j for _, j in pairs}
        return ItemScore(
            value=2 * len(pairs) / (len(ordered) + len(heard)),
            components=parts,
            events=[
                *_events("sound_missing", ordered, matched[0]),
                *_events("sound_not_ordered", heard.tolist(), matched[1]),
            ],
        )


def pick_onsets(t: Floats, strength: Floats, rise: float, contrast: float) -> Floats:
    """Return the times of the onsets: peaks that exceed the half second around them.

    Args:
        t: Seconds, evenly spaced, `(n,)`.
        strength: Onset strength in dB, `(n,)`.
        rise: Least strength of an onset.
        contrast: Least strength as a multiple of the mean around it.
    """
    hop = float(np.median(np.diff(t)))
    near, around = (round(s / hop) for s in (_NEIGHBOUR_SECONDS, _AROUND_SECONDS))
    padded = np.pad(strength, near)
    largest = np.lib.stride_tricks.sliding_window_view(padded, 2 * near + 1).max(axis=1)
    box = np.ones(min(2 * around + 1, len(strength)))
    under = np.convolve(np.ones_like(strength), box, "same")
    mean = np.convolve(strength, box, "same") / under
    peak = (strength == largest) & (strength >= rise) & (strength >= contrast * mean)
    found = np.flatnonzero(peak)
    # Of a plateau the first sample is the onset.
    return np.asarray(t[found[np.diff(found, prepend=-2 * near) > near]])


def match(ordered: Floats, heard: Floats, tolerance: float) -> list[tuple[int, int]]:
    """Return the pairs of indices of as many one-to-one matches as there can be, the nearest."""
    from scipy.optimize import linear_sum_assignment

    distance = np.abs(ordered[:, None] - heard[None, :])
    # No sum of good distances may outweigh one more match.
    cost = np.where(distance <= tolerance, distance, tolerance * (len(ordered) + 1))
    rows, columns = linear_sum_assignment(cost)
    return [
        (int(i), int(j)) for i, j in zip(rows, columns, strict=True) if distance[i, j] <= tolerance
    ]


def _events(kind: str, times: Sequence[float], matched: set[int]) -> list[Event]:
    return [
        Event(kind=kind, start=time, end=time) for i, time in enumerate(times) if i not in matched
    ]
