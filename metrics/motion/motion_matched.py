"""How consistent is the video over the same amount of motion as every other video?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.common.source_series import Floats, inherited, metric_name
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.results.schema import ItemScore, Series

_UNIT = "diagonals/s"
_SOURCE = "clip_consistency"


class MotionMatched(DerivedMetric):
    """Read the similarity at every lag where the video has moved as far as the common speed would.

    Args:
        source: Key of the consistency that is read: `clip_consistency`, with `@extractor` for
            another encoder.
        motion: Key of the motion magnitude that it is read against.
        level: The common speed, in diagonals per second.
        exponent: Power of the distance by which what is lost grows outside of what was measured.
        octaves: Largest number of doublings between the video's speed and `level`.
        fewest: Segments that must move.
        still: Up to this speed a segment counts as frozen, in diagonals per second.
    """

    info = MetricInfo(
        name="motion_matched",
        version=1,
        headline=ScoreInfo("Motion-matched consistency", "", True),
        components={
            "near": ScoreInfo("Motion-matched consistency, shortest lag", "", True),
            "far": ScoreInfo("Motion-matched consistency, longest lag", "", True),
            "unmatched": ScoreInfo("Unmatched consistency", "", None),
            "share": ScoreInfo("Fraction of lags within measured motion", "", None, "mean"),
        },
        needs=(),
        needs_metrics=(_SOURCE, "motion_magnitude"),
        range=(None, 1.0),
        group="motion",
        gates=("stillness", "loop", "incoherence"),
        series={"at_level": "", "motion": _UNIT},
        cites=("lvbench", "huang2025vbenchpp", "liao2024devil"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        source: str = _SOURCE,
        motion: str = "motion_magnitude",
        level: float = 0.1,
        exponent: float = 0.6,
        octaves: float = 2.0,
        fewest: int = 6,
        still: float = 0.005,
    ) -> None:
        if metric_name(source) != _SOURCE:
            raise ValueError(f"source is '{source}', not {_SOURCE}")
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
        """Return the consistency over the common motion, or why the video has none."""
        for key in self.sources:
            if key in scores and scores[key].status != "ok":
                return inherited(key, scores[key])
        for key in self.sources:
            if key not in scores:
                return not_applicable("no_source", f"there is no {key}")
        similar = scores[self.source].series["by_lag"]
        motion = scores[self.motion].series["motion"]
        return self.of_arrays(*map(_array, (similar.t, similar.y, motion.t, motion.y)))

    def of_arrays(self, lag: Floats, similar: Floats, t: Floats, motion: Floats) -> ItemScore:
        """Return the reading of similarities at `lag` and of speeds `motion` at `t`, in seconds."""
        if len(lag) < 2 or len(motion) < self.fewest:
            return not_applicable(
                "too_short", f"{len(motion)} segments and {len(lag)} lags, not {self.fewest} and 2"
            )
        if np.count_nonzero(motion > self.still) < self.fewest:
            found = not_applicable(
                "no_motion", f"frozen: it moves at {np.median(motion):.3g} {_UNIT}"
            )
            return found.model_copy(update={"flags": ["frozen"]})
        pace = float(motion.mean()) / self.level
        if abs(np.log2(pace)) >= self.octaves:
            return not_applicable(
                "motion_out_of_range",
                f"it moves at {motion.mean():.3g} {_UNIT}, not within {self.octaves:g} octaves of "
                f"{self.level:g}",
            )
        # Few pairs are farther apart than half of the video.
        half = lag <= max(lag[0], lag[-1] / 2) + 1e-6
        lag, lost = lag[half], 1 - similar[half]
        wanted = lag[0] * 2.0 ** np.arange(1 + int(np.log2(lag[-1] / lag[0]) + 1e-6))
        reading = 1 - self._lost(wanted / pace, lag, lost)
        plain = 1 - np.interp(wanted, lag, lost)
        inside = (wanted / pace >= lag[0] - 1e-6) & (wanted / pace <= lag[-1] + 1e-6)
        return ItemScore(
            value=min(1.0, float(reading.mean())),
            components={
                "near": min(1.0, float(reading[0])),
                "far": min(1.0, float(reading[-1])),
                "unmatched": float(plain.mean()),
                "share": float(inside.mean()),
            },
            series={
                "at_level": Series(t=wanted.tolist(), y=reading.tolist()),
                "motion": Series(t=t.tolist(), y=motion.tolist()),
            },
        )

    def _lost(self, wanted: Floats, lag: Floats, lost: Floats) -> Floats:
        """Return what is lost at the lags `wanted`: interpolated, or by the power law beyond."""
        within = np.clip(wanted, lag[0], lag[-1])
        found: Floats = np.interp(np.log(within), np.log(lag), lost)
        return found * (wanted / within) ** self.exponent


def _array(values: ArrayLike) -> Floats:
    return np.asarray(values, np.float64)


def motion_matched(
    lag: ArrayLike,
    similarity: ArrayLike,
    motion: ArrayLike,
    *,
    level: float = 0.1,
    exponent: float = 0.6,
    octaves: float = 2.0,
    fewest: int = 6,
    still: float = 0.005,
) -> ItemScore:
    """Return the consistency over a common amount of motion.

    Args:
        lag: Times between segments in seconds, `(n,)`, above 0, rising.
        similarity: Mean cosine similarity of the segments that far apart, `(n,)`.
        motion: Speed within each segment in diagonals per second, `(m,)`.
        level: The common speed, in diagonals per second.
        exponent: Power of the distance by which what is lost grows outside of what was measured.
        octaves: Largest number of doublings between the video's speed and `level`.
        fewest: Segments that must move.
        still: Up to this speed a segment counts as frozen.

    Returns:
        The score; `not_applicable` where the clip is frozen (`no_motion`, flag `frozen`) or its
        speed too far from the level.

    Raises:
        ValueError: The arrays are not `(n,)`, `(n,)` and `(m,)`, or a parameter is out of range.

    Examples:
        >>> from lvbench.metrics import motion_matched
        >>> round(motion_matched([0.5, 1.0, 1.5], [0.9, 0.9, 0.9], [0.1] * 8).value, 3)
        0.9

    Source:
        lvbench: metrics/motion_matched.md.
    """
    lags, similar, speed = _array(lag), _array(similarity), _array(motion)
    if lags.ndim != 1 or lags.shape != similar.shape or speed.ndim != 1:
        raise ValueError(
            "lag, similarity and motion must be (n,), (n,) and (m,), not "
            f"{lags.shape}, {similar.shape}, {speed.shape}"
        )
    metric = MotionMatched(
        level=level, exponent=exponent, octaves=octaves, fewest=fewest, still=still
    )
    return metric.of_arrays(lags, similar, np.arange(len(speed), dtype=np.float64), speed)
