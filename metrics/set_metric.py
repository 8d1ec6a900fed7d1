"""The contract of a metric of whole sets of videos, such as the Fréchet video distance."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import AnyMetric
from lvbench.results.schema import ItemScore, Score

NO_REAL_SET = "no_real_set"


@dataclass(frozen=True, slots=True)
class KeptArrays:
    """Say what of an extractor's features is kept per video, beside its record.

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

    The extractor's features are kept beside the item records; an item is only the number of
    windows that its video gave.

    Attributes:
        kept_arrays: What is kept; None for what the extractor itself keeps (`ExtractorSpec.keeps`).
    """

    kept_arrays: ClassVar[KeptArrays | None] = None
    reads_segments = False
    of_sets = True
    asks_for_real = True

    def reads_real(self, score: str) -> bool:
        """Return whether one of its scores, by key, depends on the real set: all do."""
        return True

    def item(self, windows: int) -> ItemScore:
        """Return the score of a video of which the extractor gave so many windows."""
        if windows:
            return ItemScore(value=float(windows))
        return ItemScore(
            status="not_applicable",
            code="too_short",
            detail=f"not one whole window of {self.needs[0]} fits into the video",
        )

    @abstractmethod
    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component (`""` is the headline) of a set against the real one.

        What forbids the comparison (too few videos, other provenance) is a score with a status
        and a code, not an exception.
        """

    def without_real(self, fake: FeatureSet, *, resamples: int, seed: int) -> dict[str, Score]:
        """Return the scores by component where there is no real set."""
        return {
            part: Score(
                n_expected=0,
                n_scored=0,
                n_failed=0,
                higher_is_better=what.higher_is_better,
                unit=what.unit,
                status="not_applicable",
                code=NO_REAL_SET,
                detail="there is no real set to compare with; give --real DIR|STATS",
            )
            for part, what in {"": self.info.headline, **self.info.components}.items()
        }

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
        judged = {"resamples": resamples, "seed": seed}
        if real is None:
            scores = self.without_real(fake, **judged)
        else:
            scores = self.compare(fake, real, **judged)
        found = {
            part: score.model_copy(
                update={"n_failed": failed, "n_expected": score.n_scored + failed}
            )
            for part, score in scores.items()
        }
        name = self.info.name
        return {self.suffixed(f"{name}.{p}" if p else name): score for p, score in found.items()}


class ReferenceFreeSetMetric(SetMetric):
    """Judge a set of videos by itself; a real set, where there is one, is for comparison."""

    asks_for_real = False

    def reads_real(self, score: str) -> bool:
        """Return whether one of its scores, by key, depends on the real set: `.real` alone."""
        return score.partition("@")[0].partition(".")[2] == "real"

    @abstractmethod
    def judge(
        self, found: FeatureSet, real: RealSetStatistics | None, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component (`""` is the headline) of a set."""

    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores of the set, beside what a real set gives."""
        return self.judge(fake, real, resamples=resamples, seed=seed)

    def without_real(self, fake: FeatureSet, *, resamples: int, seed: int) -> dict[str, Score]:
        """Return the scores of the set alone."""
        return self.judge(fake, None, resamples=resamples, seed=seed)
