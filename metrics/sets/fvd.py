"""How far are the videos from real ones, in the features of a network that knows motion?"""

from __future__ import annotations

from typing import Any, ClassVar

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.fvd_presets import preset_of
from lvbench.metrics.common.set_comparison import DistanceMetric, Pair
from lvbench.metrics.common.set_frechet import FLOORS, floor_of, frechet_interval
from lvbench.metrics.common.set_scores import all_scored
from lvbench.metrics.set_functional import ClipChoice, SetResult, Videos, compare_videos
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
            "n_fake": ScoreInfo("Generated videos", "videos", None, "set"),
            "n_real": ScoreInfo("Real videos", "videos", None, "set"),
            "windows_fake": ScoreInfo("Generated windows", "windows", None, "set"),
            "windows_real": ScoreInfo("Real windows", "windows", None, "set"),
        },
        needs=("i3d",),
        range=(0.0, None),
        group="sets",
        reference="Unterthiner et al., FVD: A new metric for video generation, ICLR workshop 2019",
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


def fvd(
    real: Videos,
    fake: Videos,
    preset: str = "styleganv",
    weights: Any = None,
    device: str = "cpu",
    network: Any = None,
    *,
    clips: ClipChoice | None = None,
    seed: int = 0,
    **parameters: Any,
) -> SetResult:
    """Return the Fréchet video distance of two sets of videos under a published convention.

    Args:
        real: Real videos, `uint8 (N, T, H, W, 3)` RGB, at least 9 frames; other types are refused,
            since their range cannot be told.
        fake: Videos to judge, likewise; sizes may differ, the clips' lengths may not.
        preset: `original`, `styleganv`, `videogpt` or `cdfvd`: preprocessing, epsilon of the
            batch normalisations and ddof. The root is always float64.
        weights: I3D's weights, a file or a folder; the cache if left out.
        device: Where the network runs.
        network: A network (`lvbench.features.load("i3d", ...).network`) to use in the place of
            loading weights.
        clips: Which clips of every video; the whole video as one clip if left out.
        seed: Seed of interval and floor.
        **parameters: Parameters of `Fvd`, such as `minimum` or `ddof`.

    Returns:
        The value with n, floor, interval, preset and all arguments.

    Raises:
        RegistryError: There is no such preset.
        ConfigError: Not uint8 (`range_ambiguous`), another shape, or too few frames.
        WeightsError: The weights are missing or of another network.
        ComparabilityError: Clips of different lengths (`provenance_differs`), or too few videos
            (`too_few_videos`).
    """
    metric = Fvd(**{"ddof": preset_of(preset).ddof} | parameters)
    return compare_videos(
        metric, real, fake, preset, weights, device, network, clips=clips, seed=seed
    )
