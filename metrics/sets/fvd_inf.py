"""What would the Fréchet video distance be with infinitely many videos?"""

from __future__ import annotations

from lvbench.errors import ComparabilityError
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.set_comparison import DistanceMetric, Pair, Side
from lvbench.metrics.common.set_frechet import real_spread
from lvbench.metrics.common.set_scores import all_scored
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval
from lvbench.stats.extrapolation import FEWEST, POINTS, Units, extrapolate


class FvdInf(DistanceMetric):
    """Extrapolate the Fréchet video distance of growing subsets to infinite n.

    Args:
        ddof: The covariances divide by `n - ddof`.
        points: Sizes of subsets, from 128 videos upward.
        minimum: Fewest videos, on either side, for which a value is given; never below 256.
        extractor: The network.
    """

    info = MetricInfo(
        name="fvd_inf",
        version=1,
        headline=ScoreInfo("FVD at infinite sample size", "", False, "set"),
        components={
            "largest": ScoreInfo("Videos in the largest subset", "videos", None, "set"),
            "fvd_largest": ScoreInfo("FVD of the largest subset", "", False, "set"),
            "points": ScoreInfo("Subsets in the fit", "", None, "set"),
        },
        needs=("i3d",),
        range=(None, None),
        group="sets",
        cites=("chong2020effectively", "unterthiner2019fvd"),
        tolerance=1e-3,
    )

    def __init__(
        self, ddof: int = 1, points: int = POINTS, minimum: int = 2, extractor: str = "i3d"
    ) -> None:
        if ddof not in (0, 1) or points < 3:
            raise ValueError(f"ddof must be 0 or 1, and points at least 3: {ddof}, {points}")
        self.ddof, self.points, self.minimum, self.extractor = ddof, points, minimum, extractor

    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return the intercept of the line in 1 / n with its interval."""
        fake = _units(pair.fake)
        real = real_spread(pair, self.ddof) if pair.real is None else _units(pair.real)
        counts = [side.count for side in (fake, real) if isinstance(side, Units)]
        if min(counts) < 2 * FEWEST:
            raise ComparabilityError(
                "extrapolate to infinite n",
                found=f"{min(counts)} videos (those of one prompt counted once), where a line in "
                f"1 / n from {FEWEST} upward needs {2 * FEWEST}",
                where="the smaller of the two sets",
                fix="give more videos, or read fvd with its floor",
                code="too_few_videos",
            )
        found = extrapolate(fake, real, ddof=self.ddof, points=self.points, seed=seed)
        values: dict[str, float | Interval | None] = {
            "": found.intercept,
            "largest": int(found.sizes[-1]),
            "fvd_largest": float(found.distances[-1]),
            "points": len(found.sizes),
        }
        fixed = "the real set is known by its moments: the bias of its own size is not taken off"
        details = {"": fixed} if pair.real is None else {}
        return all_scored(self.info, values, pair.fake.videos, details)


def _units(side: Side) -> Units:
    return Units(side.values, side.unit)
