"""The contract of a metric of sets of videos, such as the Fréchet video distance."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from lvbench.errors import ComparabilityError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import AnyMetric, not_applicable
from lvbench.metrics.common.set_scores import refused
from lvbench.results.schema import ItemScore, Score

NO_REAL_SET = "no_real_set"


@dataclass(frozen=True, slots=True)
class KeptArrays:
    """The features of an extractor that are stored with each video's record.

    Attributes:
        arrays: Names of the arrays.
        rate: Features per second that are kept at most; None for all.
        half: Keep them as float16.
    """

    arrays: tuple[str, ...]
    rate: float | None = None
    half: bool = False


class SetMetric(AnyMetric):
    """Compare the windows' features of all videos with those of a real set.

    The extractor's features are stored with the item records; an item is only the number of
    windows that its video gave.

    Attributes:
        kept_arrays: Features to store; None for those of the extractor (`ExtractorSpec.keeps`).
    """

    kept_arrays: ClassVar[KeptArrays | None] = None
    reads_segments = False
    of_sets = True
    asks_for_real = True

    def reads_real(self, score: str) -> bool:
        """Return whether one of its scores, by key, depends on the real set: all do."""
        return True

    def item(self, windows: int) -> ItemScore:
        """Return the score of a video of which the extractor gave `windows` windows."""
        if windows:
            return ItemScore(value=float(windows))
        return not_applicable(
            "too_short", f"not one full window of {self.needs[0]} fits into the video"
        )

    @abstractmethod
    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component (`""` is the headline) of a set and the real one.

        An obstacle to the comparison (too few videos, other provenance) is a score with a status
        and a code, not an exception.
        """

    def without_real(self, fake: FeatureSet, *, resamples: int, seed: int) -> dict[str, Score]:
        """Return the scores by component where there is no real set."""
        error = ComparabilityError(
            "compare with a real set",
            found="there is no real set to compare with",
            where=self.info.name,
            fix="give --real DIR|STATS",
            code=NO_REAL_SET,
        )
        return refused(self.info, error)

    def aggregate_sets(
        self,
        fake: FeatureSet,
        real: RealSetStatistics | None,
        *,
        failed: int,
        resamples: int,
        seed: int,
    ) -> dict[str, Score]:
        """Return all scores of the metric by key.

        Args:
            fake: The features of the run's videos.
            real: The real set; None where there is none.
            failed: Videos whose features are missing because something failed.
            resamples: Resamples of intervals.
            seed: Seed of every draw.
        """
        options = {"resamples": resamples, "seed": seed}
        if real is None:
            scores = self.without_real(fake, **options)
        else:
            scores = self.compare(fake, real, **options)
        found = {
            part: score.model_copy(
                update={"n_failed": failed, "n_expected": score.n_scored + failed}
            )
            for part, score in scores.items()
        }
        name = self.info.name
        return {self.suffixed(f"{name}.{p}" if p else name): score for p, score in found.items()}


class ReferenceFreeSetMetric(SetMetric):
    """Measure a set of videos alone; a real set, where there is one, is for comparison."""

    asks_for_real = False

    def reads_real(self, score: str) -> bool:
        """Return whether one of its scores, by key, depends on the real set: `.real` alone."""
        return score.partition("@")[0].partition(".")[2] == "real"

    @abstractmethod
    def measure_set(
        self, found: FeatureSet, real: RealSetStatistics | None, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component (`""` is the headline) of a set."""

    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores of the set, with those of the real set for comparison."""
        return self.measure_set(fake, real, resamples=resamples, seed=seed)

    def without_real(self, fake: FeatureSet, *, resamples: int, seed: int) -> dict[str, Score]:
        """Return the scores of the set alone."""
        return self.measure_set(fake, None, resamples=resamples, seed=seed)
