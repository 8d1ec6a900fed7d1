"""The contract of a metric: features of one video in, an item score out, items to scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from lvbench.errors import LvbenchError
from lvbench.features.base import Features
from lvbench.metrics.aggregate import aggregate_scores
from lvbench.results.schema import ItemRecord, ItemScore, ItemStatus, Score
from lvbench.video.timing.presentation import Presentation

State = TypeVar("State")
Statistic = Literal["mean", "median", "median_absolute", "time_to_event", "set"]
# Error codes of videos outside a metric's scope.
_OUTSIDE = ("too_small", "rate_too_low", "no_audio")
Group = Literal["over time", "motion", "seams", "text", "paired", "audio", "sets", "cost"]


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """Describe one number: a metric's headline or one of its components.

    Attributes:
        title: Title of the row in tables.
        unit: Unit of the value; empty for a ratio.
        higher_is_better: None where no direction is good.
        statistic: How videos become one number, in every output: the mean, the median, the median
            of absolute values; `time_to_event`, the Kaplan-Meier median of an event time, censored
            at the end of the video where the component is absent; `set`, one number computed from
            all videos at once.
        range: Smallest and largest possible value, to which intervals are cut; a headline's is
            that of its metric.
        censored_with: For `time_to_event`: the component whose presence shows that the event was
            looked for. Where both are absent the score does not apply to the video.
    """

    title: str
    unit: str
    higher_is_better: bool | None
    statistic: Statistic = "mean"
    range: tuple[float | None, float | None] = (None, None)
    censored_with: str | None = None


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """Describe a metric; the card in its folder has the rest.

    Attributes:
        name: Registry name, the stem of its file.
        version: Raised whenever the same video would get another number.
        headline: The metric's main number.
        components: Its other numbers, by name: their scores are `name.component`.
        needs: Extractors whose features it reads; the first is the default of a metric that can
            read another in its place.
        needs_metrics: Metrics that it is derived from, which come before it.
        range: Smallest and largest possible value; None where unbounded.
        group: Section of the score table.
        gates: Metrics that must pass before this one may be ranked.
        series: Unit of each series by name; reports plot the first.
        cites: Citations: keys of lvbench's references.bib, or of the `references.bib` in the
            folder of a plugin's module.
        tolerance: Largest relative difference to expect between devices.
    """

    name: str
    version: int
    headline: ScoreInfo
    needs: tuple[str, ...]
    range: tuple[float | None, float | None]
    group: Group
    cites: tuple[str, ...] = ()
    components: Mapping[str, ScoreInfo] = field(default_factory=dict)
    gates: tuple[str, ...] = ()
    series: Mapping[str, str] = field(default_factory=dict)
    needs_metrics: tuple[str, ...] = ()
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class VideoContext:
    """Facts about a video that a metric knows before the first frame.

    Attributes:
        segment_seconds: Length of a segment, from the protocol.
        fps: Frame rate of the file; times come from the frames, never from this.
        seams: Declared chunk boundaries in seconds; None where the manifest declares none.
        cuts: Declared cuts in seconds.
        persist: What all prompts of the schedule require to stay (identity, scene, light, style);
            None where they do not mention it.
        prompts: The prompt schedule: start in seconds and text, in order.
        views: Name of the place or person that each prompt shows; None where it has none.
        sounds: Onsets in seconds of the sounds that were ordered; None where none were.
        cost: Measurements made during generation; None where the manifest has none.
        presentation: Which frames repeat another, and when each picture is shown; None if unknown.
    """

    segment_seconds: float = 0.5
    fps: float | None = None
    seams: tuple[float, ...] | None = None
    cuts: tuple[float, ...] = ()
    persist: frozenset[str] | None = None
    prompts: tuple[tuple[float, str], ...] = ()
    views: tuple[str | None, ...] = ()
    sounds: tuple[float, ...] | None = None
    cost: Mapping[str, float | str] | None = None
    presentation: Presentation | None = None

    def orders_change_of(self, what: str) -> bool:
        """Return whether the prompts let `what` change: then its change is no drift."""
        return self.persist is not None and what not in self.persist


class AnyMetric(ABC):
    """The base of all metrics; parameters are keyword arguments of the constructor.

    A metric that can read more than one extractor takes a parameter `extractor` and sets the
    attribute of that name; its default is the first of the metric's `needs`.

    Attributes:
        extractor: The extractor that replaces the first of `needs`; None for a metric that reads
            exactly those that it names.
        reads_segments: Whether the length of a segment can move its numbers.
        of_sets: Whether it evaluates all videos at once.
        asks_for_real: Whether it has no score without a real set.
        sources: Keys of the metrics that it is derived from.
        required: Those of its sources without which it has no headline.
    """

    info: ClassVar[MetricInfo]
    extractor: str | None = None
    reads_segments: ClassVar[bool] = True
    of_sets: ClassVar[bool] = False
    asks_for_real: ClassVar[bool] = False

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that can move the number, as plain JSON."""
        return dict(vars(self))

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the extractors that it reads."""
        if self.extractor is None:
            return self.info.needs
        return (self.extractor, *self.info.needs[1:])

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the keys of the metrics that it is derived from."""
        return ()

    @property
    def required(self) -> tuple[str, ...]:
        """Return the sources without which it has no headline."""
        return self.sources

    def sources_of(self, score: str) -> tuple[str, ...]:
        """Return the keys of the metrics that one of its scores, by key, is derived from."""
        return self.sources

    @property
    def key(self) -> str:
        """Return the key of its records and scores: `name`, or `name@extractor`."""
        return self.suffixed(self.info.name)

    def suffixed(self, name: str) -> str:
        """Return the key of a score: `name`, with the extractor where that is not the default."""
        usual = self.extractor is None or self.extractor == self.info.needs[0]
        return name if usual else f"{name}@{self.extractor}"

    def reads_real(self, score: str) -> bool:
        """Return whether one of its scores, by key, depends on the real set."""
        return False

    def aggregate(
        self, items: Sequence[ItemRecord], *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the headline and component scores of a run, by key, from item records alone."""
        found = aggregate_scores(self.info, items, resamples=resamples, seed=seed, key=self.key)
        return {self.suffixed(name): score for name, score in found.items()}


class Metric(AnyMetric, Generic[State]):
    """Measure one quantity of a video, from its features as they come.

    A metric that keeps numbers of every frame extends `ColumnMetric`, which brings `new_state` and
    `update`. A metric of other metrics' scores is a `DerivedMetric`, one of sets a `SetMetric`.
    """

    @abstractmethod
    def new_state(self, video: VideoContext) -> State:
        """Return the empty state for one video; its size must not grow with the frames' size."""

    @abstractmethod
    def update(self, state: State, features: Mapping[str, Features]) -> None:
        """Take the next features, by extractor; one call has those of a single block."""

    @abstractmethod
    def item(self, state: State) -> ItemScore:
        """Return the score of the video that `state` has seen."""


def not_applicable(code: str, detail: str) -> ItemScore:
    """Return the score of a video to which the metric does not apply, with the reason."""
    return ItemScore(status="not_applicable", code=code, detail=detail)


def raised_score(error: Exception) -> ItemScore:
    """Return the score of a video on which an extractor or a metric raised.

    A picture too small for an extractor, or a video without audio, is outside the metric's
    scope; all else failed.
    """
    if not isinstance(error, LvbenchError):
        detail = f"{type(error).__name__}: {error}"
        return ItemScore(status="failed", code="metric_error", detail=detail)
    status: ItemStatus = "not_applicable" if error.code in _OUTSIDE else "failed"
    return ItemScore(status=status, code=error.code, detail=str(error))
