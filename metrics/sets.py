"""The contract of a metric of whole sets of videos, such as the Fréchet video distance."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from lvbench.features.base import Features
from lvbench.features.feature_set import FeatureSet, Reference
from lvbench.metrics.base import Metric, VideoContext
from lvbench.results.schema import ItemScore, Score

NO_REAL_SET = "no_real_set"


class SetMetric(Metric[list[float]]):
    """Compare the windows' features of all videos with those of a real set.

    The extractor's features are kept beside the item records (`ExtractorSpec.keeps`); an item
    holds no more than how many windows its video gave.
    """

    def new_state(self, video: VideoContext) -> list[float]:
        """Return the empty state: the times of the windows."""
        return []

    def update(self, state: list[float], features: Mapping[str, Features]) -> None:
        """Count the windows of a block."""
        for name in self.needs:
            if name in features:
                state.extend(features[name].t.tolist())

    def item(self, state: list[float]) -> ItemScore:
        """Return the number of windows that the video contributes."""
        if not state:
            return ItemScore(
                status="not_applicable",
                code="too_short",
                detail=f"not one whole window of {self.needs[0]} fits into the video",
            )
        return ItemScore(value=float(len(state)))

    @abstractmethod
    def compare(
        self, fake: FeatureSet, real: Reference, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component (`""` is the headline) of a set against the real one.

        What forbids the comparison (too few videos, other provenance) is a score with a status
        and a code, not an exception.
        """

    def aggregate_sets(
        self, fake: FeatureSet, real: Reference | None, *, failed: int, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return all scores of the metric by key; without a real set none applies.

        Args:
            fake: The features of the run's videos.
            real: The real set.
            failed: Videos whose features are missing because something failed.
            resamples: Resamples of intervals.
            seed: Seed of every draw.
        """
        parts = {"": self.info.headline, **self.info.components}
        if real is None:
            found = {
                part: Score(
                    n_expected=failed,
                    n_scored=0,
                    n_failed=failed,
                    higher_is_better=what.higher_is_better,
                    unit=what.unit,
                    status="not_applicable",
                    code=NO_REAL_SET,
                    detail="there is no real set to compare with; give --real DIR|STATS",
                )
                for part, what in parts.items()
            }
        else:
            found = {
                part: score.model_copy(
                    update={"n_failed": failed, "n_expected": score.n_scored + failed}
                )
                for part, score in self.compare(fake, real, resamples=resamples, seed=seed).items()
            }
        name = self.info.name
        return {self.suffixed(f"{name}.{p}" if p else name): score for p, score in found.items()}
