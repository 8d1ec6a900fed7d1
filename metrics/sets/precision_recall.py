"""Do the videos look like real ones, and do they cover what real ones show?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ComparabilityError
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.set_comparison import SIZES, DistanceMetric, Pair, Side
from lvbench.metrics.common.set_scores import all_scored
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval, mean_interval
from lvbench.stats.neighbours import nearest_neighbours

RESAMPLES = 1000


class PrecisionRecall(DistanceMetric):
    """Compare two sets by balls around each window that reach to its k-th neighbour.

    Args:
        k: Which neighbour, among the windows of other videos of the same set.
        minimum: Fewest videos, on either side, for which a value is given.
        extractor: The network.
    """

    info = MetricInfo(
        name="precision_recall",
        version=1,
        headline=ScoreInfo("Precision", "", True, "set"),
        components={
            "recall": ScoreInfo("Recall", "", True, "set", range=(0.0, 1.0)),
            "density": ScoreInfo("Density", "", True, "set", range=(0.0, None)),
            "coverage": ScoreInfo("Coverage", "", True, "set", range=(0.0, 1.0)),
            **SIZES,
        },
        needs=("i3d",),
        range=(0.0, 1.0),
        group="sets",
        cites=("kynkaanniemi2019precision", "naeem2020reliable"),
        tolerance=1e-3,
    )

    def __init__(self, k: int = 5, minimum: int = 2, extractor: str = "i3d") -> None:
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        self.k, self.minimum, self.extractor = k, minimum, extractor

    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return precision, recall, density and coverage, each with its interval.

        An interval is over the videos whose windows are counted (the fake ones of precision and
        density, the real ones of recall and coverage), the other set taken as it is.
        """
        fake, real = pair.fake, pair.real_windows()
        self._need_neighbours(fake, real)
        found = nearest_neighbours(real.values, fake.values, self.k, real.video, fake.video)
        values: dict[str, float | Interval | None] = {
            "": _mean(found.precision, fake, seed, 1.0),
            "recall": _mean(found.recall, real, seed, 1.0),
            "density": _mean(found.density, fake, seed, None),
            "coverage": _mean(found.coverage, real, seed, 1.0),
            "n_fake": fake.videos,
            "n_real": real.videos,
        }
        return all_scored(self.info, values, fake.videos)

    def _need_neighbours(self, *sides: Side) -> None:
        for side in sides:
            most = len(side.video) - int(np.bincount(side.video).max())
            if most < self.k:
                raise ComparabilityError(
                    "find nearest neighbours",
                    found=f"a window has {most} windows of other videos around it, not {self.k}",
                    where="the smaller of the two sets",
                    fix="give more videos",
                    code="too_few_videos",
                )


def _mean(values: NDArray[np.float64], side: Side, seed: int, most: float | None) -> Interval:
    """Return the mean over windows with its interval over videos, within the possible range."""
    found = mean_interval(values, side.unit.tolist(), resamples=RESAMPLES, seed=seed)
    if found.low is None or found.high is None:
        return found
    high = found.high if most is None else min(found.high, most)
    return Interval(found.value, max(found.low, 0.0), high, found.method)
