"""Do the videos depart from real ones over time?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ComparabilityError
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.set_comparison import DistanceMetric, Pair, Side
from lvbench.metrics.common.set_frechet import real_spread
from lvbench.metrics.common.set_scores import all_scored
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import FEWEST_CLUSTERS, Interval
from lvbench.stats.drift import end_level
from lvbench.stats.frechet import Spread, frechet_of, spread
from lvbench.stats.spans import TimeSpans, equal_spans
from lvbench.stats.subsampling import (
    HALVES,
    interval,
    squared_interval,
    standard_error,
    subsampling_variance,
)

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

MOST = 12
# Spans with the same windows differ by rounding only, which is no trend.
SAME = 1e-9
FEWEST = 4


class FvdOverTime(DistanceMetric):
    """Measure the Fréchet video distance of each span of time from all real windows.

    Args:
        spans: Most spans that the videos' length is cut into, 4 to 12.
        ddof: The covariances divide by `n - ddof`.
        minimum: Fewest videos, on either side, for which a value is given.
        halves: Random halves of the videos behind the intervals.
        extractor: The network.
    """

    info = MetricInfo(
        name="fvd_over_time",
        version=1,
        headline=ScoreInfo("FVD, end minus start", "", False, "set"),
        components={
            "slope_per_minute": ScoreInfo("FVD, slope", "1/min", False, "set"),
            "slope_null": ScoreInfo(
                "FVD, slope without drift, 95 % quantile", "1/min", None, "set"
            ),
            "slope_p_value": ScoreInfo("FVD, slope, p-value", "", None, "set"),
            "spans": ScoreInfo("Time spans", "", None, "set"),
            "windows": ScoreInfo("Windows per time span", "windows", None, "set"),
            **{
                f"span_{k + 1:02d}": ScoreInfo(f"FVD, time span {k + 1}", "", False, "set")
                for k in range(MOST)
            },
        },
        needs=("i3d",),
        range=(None, None),
        group="sets",
        gates=("stillness", "loop", "incoherence"),
        cites=("lvbench", "unterthiner2019fvd", "he2022lvdm"),
        tolerance=1e-3,
    )

    over_time = True
    clip_length = 16

    def __init__(
        self,
        spans: int = MOST,
        ddof: int = 1,
        minimum: int = 2,
        halves: int = HALVES,
        extractor: str = "i3d",
    ) -> None:
        if not FEWEST <= spans <= MOST or ddof not in (0, 1):
            raise ValueError(f"spans must be {FEWEST} to {MOST} and ddof 0 or 1: {spans}, {ddof}")
        self.spans, self.ddof, self.minimum = spans, ddof, minimum
        self.halves, self.extractor = halves, extractor

    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return the distance of every span, their trend, and what no drift would give."""
        spans = equal_spans(pair.fake.t, pair.fake.video, self.spans, FEWEST)
        if spans is None or spans.videos < max(self.minimum, 2):
            raise ComparabilityError(
                "follow FVD over time",
                found=f"the videos do not have windows in {FEWEST} spans of time"
                if spans is None
                else f"{spans.videos} videos reach through all spans",
                where="the generated set",
                fix="give longer videos, or more windows of each",
                code="too_short" if spans is None else "too_few_videos",
            )
        measured = self._measure(pair.fake, spans, real_spread(pair, self.ddof), seed)
        details = {"": _extent(spans)}
        values: dict[str, float | Interval | None] = dict.fromkeys(self.info.components, None)
        values |= measured
        for k in range(MOST):
            part = f"span_{k + 1:02d}"
            there = k < len(spans.windows)
            details[part] = (
                _seconds(spans.edges[k : k + 2])
                if there
                else f"the length is cut into {len(spans.windows)} spans"
            )
        for part in ("slope_null", "slope_p_value"):
            details[part] = f"fewer than {FEWEST_CLUSTERS} videos" if values[part] is None else ""
        return all_scored(self.info, values, spans.videos, details)

    def _measure(
        self, fake: Side, spans: TimeSpans, real: Spread, seed: int
    ) -> dict[str, float | Interval | None]:
        """Return the values by part; a span that there is not is left out."""
        windows, t, k = fake.values[spans.windows], spans.centres, len(spans.windows)

        def statistic(keep: Labels) -> Floats:
            parts = [frechet_of(spread(one[keep], self.ddof), real) for one in windows]
            found = np.maximum([part.value for part in parts], 0.0)
            if np.ptp(found) <= SAME * found.max():
                found[:] = found[0]
            return np.array([*np.sqrt(found), end_level(t, found), _slope(t, found)])

        unit = np.unique(fake.unit[spans.windows[0]], return_inverse=True)[1]
        whole = statistic(np.arange(len(unit)))
        error = None
        if int(unit.max()) + 1 >= FEWEST_CLUSTERS:
            error = standard_error(
                [subsampling_variance(statistic, unit, draws=self.halves, seed=seed)]
            )
        width = [None] * (k + 2) if error is None else error.reach().tolist()
        return {
            "": interval(float(whole[k]), width[k], self.halves),
            "slope_per_minute": interval(float(whole[k + 1]), width[k + 1], self.halves),
            "slope_null": width[k + 1],
            "slope_p_value": None if error is None else float(error.p_value(whole)[k + 1]),
            "spans": k,
            "windows": len(unit),
            **{
                f"span_{j + 1:02d}": squared_interval(float(whole[j]), width[j], self.halves)
                for j in range(k)
            },
        }


def _slope(t: Floats, values: Floats) -> float:
    """Return the least-squares slope per minute: linear in the values, which are alike in n."""
    centred = t - t.mean()
    return 60.0 * float(centred @ (values - values[0]) / (centred @ centred))


def _extent(spans: TimeSpans) -> str:
    shorter = f", {spans.left_out} shorter ones left out" if spans.left_out else ""
    return f"{spans.videos} videos, {_seconds(spans.edges)}{shorter}"


def _seconds(edges: Floats) -> str:
    return f"{max(edges[0], 0.0):.1f} to {edges[-1]:.1f} s"
