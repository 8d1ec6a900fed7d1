"""The contract of a metric that is derived from other metrics, not from frames."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from lvbench.metrics.base import AnyMetric, not_applicable
from lvbench.results.schema import ItemScore


class DerivedMetric(AnyMetric):
    """Compute a video's score from the scores of the metrics in `info.needs_metrics`."""

    reads_segments = False  # its sources may

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the keys of the metrics that it is derived from."""
        return self.info.needs_metrics

    @abstractmethod
    def derive(self, scores: Mapping[str, ItemScore]) -> ItemScore:
        """Return the video's score from those of its other metrics, by key, series included."""

    def without_sources(self) -> ItemScore:
        """Return the score of a video that has none of the sources."""
        return not_applicable(
            "no_source", f"derived from {', '.join(self.sources)}, of which there is none"
        )
