"""How far are the videos from real ones, in the features of a network that knows motion?"""

from __future__ import annotations

from typing import ClassVar

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.set_comparison import SIZES, DistanceMetric, Pair
from lvbench.metrics.common.set_frechet import FLOORS, floor_of, frechet_interval
from lvbench.metrics.common.set_scores import all_scored
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval
from lvbench.stats.subsampling import HALVES

# With fewer videos the bias exceeds most published differences.
ENOUGH = 2048


class Fvd(DistanceMetric):
    """Measure the Fréchet video distance of a run's windows from a real set's.

    Args:
        ddof: The covariances divide by `n - ddof`.
        minimum: Fewest videos, on either side, for which a value is given.
        halves: Random halves of the videos behind the interval.
        extractor: The network.

    Attributes:
        enough: Videos below which the value depends strongly on the set's size.
    """

    enough: ClassVar[int] = ENOUGH
    info = MetricInfo(
        name="fvd",
        version=1,
        headline=ScoreInfo("Fréchet video distance", "", False, "set"),
        components={
            "floor": ScoreInfo("FVD floor", "", None, "set"),
            "mean_part": ScoreInfo("FVD, mean term", "", False, "set"),
            "covariance_part": ScoreInfo("FVD, covariance term", "", False, "set"),
            **SIZES,
            "windows_fake": ScoreInfo("Generated windows", "windows", None, "set"),
            "windows_real": ScoreInfo("Real windows", "windows", None, "set"),
        },
        needs=("i3d",),
        range=(0.0, None),
        group="sets",
        cites=("unterthiner2019fvd", "skorokhodov2022styleganv", "ge2024content"),
        tolerance=1e-3,
    )

    def __init__(
        self, ddof: int = 1, minimum: int = 2, halves: int = HALVES, extractor: str = "i3d"
    ) -> None:
        if ddof not in (0, 1):
            raise ValueError(f"ddof must be 0 or 1, not {ddof}")
        self.ddof, self.minimum, self.halves, self.extractor = ddof, minimum, halves, extractor

    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return the distance with its interval, floor, parts and sizes."""
        parts, interval = frechet_interval(pair, self.ddof, self.halves, seed)
        floor, how = floor_of(pair, self.ddof, seed)
        fake, real = pair.fake, pair.real
        values: dict[str, float | Interval | None] = {
            "": interval,
            "floor": Interval(floor, None, None, how),
            "mean_part": parts.mean_part,
            "covariance_part": parts.covariance_part,
            "n_fake": fake.videos,
            "n_real": pair.real_videos,
            "windows_fake": len(fake.values),
            "windows_real": len(real.values) if real else pair.moments.n,
        }
        details = {"floor": FLOORS[how], "n_real": "the real set does not state how many videos"}
        if fake.videos < self.enough:
            details[""] = (
                f"{fake.videos} videos, fewer than {self.enough:,}: the size alone makes up much "
                f"of the value; real videos against real ones give {floor:.4g} at this size"
            )
        if pair.real_videos is not None:
            del details["n_real"]
        return all_scored(self.info, values, fake.videos, details)
