"""How far are the videos from real ones, by a distance that small sets do not inflate?"""

from __future__ import annotations

from lvbench.errors import ComparabilityError
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.set_comparison import SIZES, DistanceMetric, Pair
from lvbench.metrics.common.set_scores import all_scored
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval
from lvbench.stats.kernel import kernel_interval


class Kvd(DistanceMetric):
    """Measure the unbiased kernel video distance of a run's windows from a real set's.

    Args:
        degree: Degree of the polynomial kernel `(x.y / d + coef0) ** degree`.
        coef0: Added to the inner product.
        minimum: Fewest videos, on either side, for which a value is given.
        extractor: The network.
    """

    info = MetricInfo(
        name="kvd",
        version=1,
        headline=ScoreInfo("Kernel video distance", "", False, "set"),
        components=SIZES,
        needs=("i3d",),
        range=(None, None),
        group="sets",
        cites=("unterthiner2019fvd", "binkowski2018demystifying", "gretton2012kernel"),
        tolerance=1e-3,
    )

    def __init__(
        self, degree: int = 3, coef0: float = 1.0, minimum: int = 2, extractor: str = "i3d"
    ) -> None:
        if degree < 1:
            raise ValueError(f"degree must be at least 1, not {degree}")
        self.degree, self.coef0, self.minimum = degree, coef0, minimum
        self.extractor = extractor

    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return the distance with its interval; no two windows of one video are compared."""
        fake, real = pair.fake, pair.real_windows()
        if min(fake.unit.max(), real.unit.max()) < 1:
            raise ComparabilityError(
                "compare windows of different videos",
                found="all videos of a set have one prompt, and those are not compared",
                where="the smaller of the two sets",
                fix="give videos of more prompts",
                code="too_few_videos",
            )
        found = kernel_interval(
            fake.values, real.values, fake.unit, real.unit, degree=self.degree, coef0=self.coef0
        )
        values: dict[str, float | Interval | None] = {
            "": found,
            "n_fake": fake.videos,
            "n_real": real.videos,
        }
        return all_scored(self.info, values, fake.videos)
