"""How consistent is the video at a speed that all videos are compared at?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.common.source_series import Floats, inherited, metric_name
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.results.schema import ItemScore, Series

_UNIT = "diagonals/s"
_CONSISTENCY = ("subject_consistency", "background_consistency", "clip_consistency")
_SLACK = 1e-6  # seconds


class MotionMatched(DerivedMetric):
    """Read each segment's similarity to the previous one as if it moved at the common level.

    Args:
        source: Key of the consistency that is read: `subject_consistency`,
            `background_consistency` or `clip_consistency`, with `@extractor` for another one.
        motion: Key of the motion magnitude that it is read against.
        level: The common level of motion, in diagonals per second.
        exponent: Power of speed by which what is lost between two segments grows.
        octaves: Segments within so many doublings of `level` count, the nearer the more.
        fewest: Segments that must.
        still: Up to this speed a segment counts as frozen, in diagonals per second.
    """

    info = MetricInfo(
        name="motion_matched",
        version=1,
        headline=ScoreInfo("Motion-matched consistency", "", True),
        components={
            "unmatched": ScoreInfo("Unmatched consistency", "", None),
            "share": ScoreInfo("Matched segment fraction", "", None, "mean", (0.0, 1.0)),
        },
        needs=(),
        needs_metrics=("subject_consistency", "motion_magnitude"),
        range=(None, 1.0),
        group="motion",
        gates=("freeze", "loop", "incoherence"),
        series={"at_level": "", "motion": _UNIT},
        cites=("lvbench", "huang2025vbenchpp", "liao2024devil"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        source: str = "subject_consistency",
        motion: str = "motion_magnitude",
        level: float = 0.1,
        exponent: float = 0.75,
        octaves: float = 2.0,
        fewest: int = 6,
        still: float = 0.005,
    ) -> None:
        if metric_name(source) not in _CONSISTENCY:
            raise ValueError(f"source is '{source}', not one of {', '.join(_CONSISTENCY)}")
        if metric_name(motion) != "motion_magnitude":
            raise ValueError(f"motion is '{motion}', not motion_magnitude")
        if min(level, octaves, fewest) <= 0 or min(exponent, still) < 0:
            raise ValueError(
                "level, octaves and fewest must be above 0, exponent and still not below, not "
                f"{level}, {octaves}, {fewest}, {exponent}, {still}"
            )
        self.source, self.motion = source, motion
        self.level, self.exponent, self.octaves = level, exponent, octaves
        self.fewest, self.still = fewest, still

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the keys of the consistency and of the motion."""
        return (self.source, self.motion)

    def derive(self, scores: Mapping[str, ItemScore]) -> ItemScore:
        """Return the consistency at the common motion, or why the video has none."""
        for key in self.sources:
            if key in scores and scores[key].status != "ok":
                return inherited(key, scores[key])
        for key in self.sources:
            if key not in scores:
                return not_applicable("no_source", f"there is no {key}")
        consistency = scores[self.source].series["to_previous"]
        motion = scores[self.motion].series["motion"]
        return self.of_arrays(*map(_array, (consistency.t, consistency.y, motion.t, motion.y)))

    def of_arrays(self, t: Floats, y: Floats, motion_t: Floats, motion: Floats) -> ItemScore:
        """Return the reading of similarities `y` at `t` and of speeds `motion` at `motion_t`."""
        speed = _speed_between(t, motion_t, motion)
        known = np.isfinite(speed)
        t, y, speed = t[known], y[known], speed[known]
        if len(t) < self.fewest:
            return not_applicable(
                "too_short", f"{len(t)} segments with a previous one, not {self.fewest}"
            )
        if np.count_nonzero(speed > self.still) < self.fewest:
            found = not_applicable(
                "no_motion", f"frozen: it moves at {np.median(speed):.3g} {_UNIT}"
            )
            return found.model_copy(update={"flags": ["frozen"]})
        distance = np.abs(np.log2(np.maximum(speed, 1e-12) / self.level))
        near = (distance < self.octaves) & (speed > self.still)
        if np.count_nonzero(near) < self.fewest:
            return not_applicable(
                "motion_out_of_range",
                f"{np.count_nonzero(near)} segments move within {self.octaves:g} octaves of "
                f"{self.level:g} {_UNIT}, {self.fewest} are needed; half move faster than "
                f"{np.median(speed):.3g}",
            )
        weight = 1 - (distance[near] / self.octaves) ** 2
        reading = 1 - (1 - y[near]) * (self.level / speed[near]) ** self.exponent
        return ItemScore(
            value=min(1.0, float(weight @ reading / weight.sum())),
            components={"unmatched": float(y.mean()), "share": float(near.mean())},
            series={
                "at_level": Series(t=t[near].tolist(), y=reading.tolist()),
                "motion": Series(t=t.tolist(), y=speed.tolist()),
            },
        )


def _array(values: ArrayLike) -> Floats:
    return np.asarray(values, np.float64)


def _speed_between(t: Floats, motion_t: Floats, motion: Floats) -> Floats:
    """Return the mean speed from the previous segment to each; NaN where none was measured."""
    if not len(t):
        return np.empty(0)
    spacing = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
    previous = np.r_[t[0] - spacing, t[:-1]]
    total = np.r_[0.0, np.cumsum(motion)]
    first = np.searchsorted(motion_t, previous - _SLACK, side="left")
    last = np.searchsorted(motion_t, t + _SLACK, side="right")
    speed: Floats = np.full(len(t), np.nan)
    some = last > first
    speed[some] = (total[last] - total[first])[some] / (last - first)[some]
    return speed


def motion_matched(
    t: ArrayLike,
    y: ArrayLike,
    motion: ArrayLike,
    *,
    level: float = 0.1,
    exponent: float = 0.75,
    octaves: float = 2.0,
    fewest: int = 6,
    still: float = 0.005,
) -> ItemScore:
    """Return the consistency at a common level of motion.

    Args:
        t: Centres of the segments in seconds, `(n,)`, rising.
        y: Cosine similarity of each segment to the previous one, `(n,)`; the first is not read.
        motion: Speed within each segment in diagonals per second, `(n,)`.
        level: The common level of motion, in diagonals per second.
        exponent: Power of speed by which what is lost between two segments grows.
        octaves: Segments within so many doublings of `level` count, the nearer the more.
        fewest: Segments that must.
        still: Up to this speed a segment counts as frozen.

    Returns:
        The score; `not_applicable` where the clip is frozen (`no_motion`, flag `frozen`) or too
        few segments move near the level.

    Raises:
        ValueError: The arrays are not `(n,)` of one length, or a parameter is out of range.

    Examples:
        >>> from lvbench.metrics import motion_matched
        >>> motion_matched(t=range(20), y=[0.9] * 20, motion=[0.1] * 20).value
        0.9

    Source:
        lvbench: metrics/motion_matched.md.
    """
    times, similar, speed = _array(t), _array(y), _array(motion)
    if times.ndim != 1 or not times.shape == similar.shape == speed.shape:
        raise ValueError(
            f"t, y and motion must be (n,), not {times.shape}, {similar.shape}, {speed.shape}"
        )
    metric = MotionMatched(
        level=level, exponent=exponent, octaves=octaves, fewest=fewest, still=still
    )
    return metric.of_arrays(times[1:], similar[1:], times, speed)
