"""The contract of a metric that is derived from other metrics, not from frames."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, VideoContext
from lvbench.results.schema import ItemScore


class DerivedMetric(Metric[None]):
    """Compute a video's score from the scores of the metrics in `info.needs_metrics`."""

    reads_segments = False  # its sources may

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the keys of the metrics that it is derived from."""
        return self.info.needs_metrics

    @property
    def required(self) -> tuple[str, ...]:
        """Return the sources without which it has no headline."""
        return self.sources

    def sources_of(self, score: str) -> tuple[str, ...]:
        """Return the keys of the metrics that one of its scores, by key, is derived from."""
        return self.sources

    def new_state(self, video: VideoContext) -> None:
        """Return nothing: it sees no features."""

    def update(self, state: None, features: Mapping[str, Features]) -> None:
        """Ignore features."""

    def item(self, state: None) -> ItemScore:
        """Return that nothing it is derived from is there: frames alone do not make it."""
        return ItemScore(
            status="not_applicable",
            code="no_source",
            detail=f"derived from {', '.join(self.sources)}, of which there is none",
        )

    @abstractmethod
    def derive(self, scores: Mapping[str, ItemScore]) -> ItemScore:
        """Return the video's score from those of its other metrics, by key, series included."""
