"""Schema of a protocol file: every setting that can move a number, and nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from lvbench.protocol.prompt_set import Category

Positive = Annotated[float, Field(gt=0)]
Parameters = dict[str, float | int | str]


def _rising(lengths: list[float]) -> list[float]:
    if any(later <= earlier for earlier, later in pairwise(lengths)):
        raise ValueError("lengths must increase")
    return lengths


Lengths = Annotated[list[Positive], Field(min_length=2), AfterValidator(_rising)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class MetricEntry(_Strict):
    """A metric of the protocol, pinned to a version.

    The parameter `extractor` selects another network than the metric's default: the same metric
    may be listed once for each.
    """

    name: str
    version: int
    parameters: Parameters = {}

    @property
    def key(self) -> str:
        """Return the name, with the extractor where the protocol names one."""
        extractor = self.parameters.get("extractor")
        return self.name if extractor is None else f"{self.name}@{extractor}"


class GateEntry(_Strict):
    """Condition of a gate, and the share of videos that may break it.

    A video breaks the gate when its value of `metric` exceeds `value`; a score that lists the
    metric among its gates is not ranked when more than `share` of the videos break it.
    """

    metric: str
    value: float
    share: Annotated[float, Field(ge=0, le=1)]


class IntervalEntry(_Strict):
    """Method of the confidence intervals."""

    method: Literal["boot-t"] = "boot-t"
    resamples: Annotated[int, Field(ge=100)] = 1000
    seed: int = 0


class PromptEntry(_Strict):
    """Request to a generator for the clips of this protocol.

    Attributes:
        file: The prompts, one JSON object per line, in the protocol's folder.
        sha256: The file's checksum.
        revision: Revision of the prompt set, for readers.
        categories: Only storylines of these categories; default: all lines.
        seconds: Length of the clips; with several, every prompt is requested at each. Where a line
            of the file gives `seconds`, its clip has that length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seeds: Seeds of every prompt.
        samples: Clips of each prompt and seed; each after the first raises the seed by a million.
    """

    file: str
    sha256: str
    revision: Annotated[int, Field(ge=1)] | None = None
    categories: Annotated[list[Category], Field(min_length=1)] | None = None
    seconds: Positive | Lengths
    fps: Positive
    width: Annotated[int, Field(ge=16)]
    height: Annotated[int, Field(ge=16)]
    seeds: Annotated[list[int], Field(min_length=1)] = [0]
    samples: Annotated[int, Field(ge=1)] = 1

    @property
    def lengths(self) -> list[float]:
        """Return the requested lengths of every prompt."""
        return self.seconds if isinstance(self.seconds, list) else [self.seconds]


class ClipsEntry(_Strict):
    """Requirements on the clips.

    Attributes:
        fps: Treatment of a clip of another rate than requested: it is scored at its own rate.
        size: Treatment of a clip of another size: it is scored at its own size, so that a model may
            keep the size it was trained at; only the extractors' preprocessing resizes.
        minimum: Least number of videos of a complete run.
    """

    fps: Literal["as_made"] = "as_made"
    size: Literal["as_made"] = "as_made"
    minimum: Annotated[int, Field(ge=1)] = 1


class RealEntry(_Strict):
    """The default real set of distances between sets.

    `file` is in the protocol's folder, as `lvbench stats build` wrote it.
    """

    file: str
    sha256: str


class SummaryPart(_Strict):
    """A score in the summary.

    Attributes:
        score: Key of the score.
        weight: Weight in the mean.
        worst: Value that counts 0.
        best: Value that counts 1; values beyond either are clipped.
    """

    score: str
    weight: Positive
    worst: float
    best: float

    @model_validator(mode="after")
    def _apart(self) -> SummaryPart:
        if self.worst == self.best:
            raise ValueError(f"{self.score}: worst and best are both {self.best:g}")
        return self


class Protocol(_Strict):
    """A protocol: frozen once `draft` is gone.

    Attributes:
        name: Name that papers cite.
        version: Raised for every change that can move a number.
        draft: True until the release; numbers of a draft may change.
        segment_seconds: Length of a segment.
        decoder: Decoder.
        extractors: Parameters of extractors, where they differ from the default.
        metrics: The metrics, in the order of the report.
        gates: Conditions for ranking.
        interval: Method of the confidence intervals.
        prompts: Request to generators; None for protocols that only score given clips.
        real: The real set that ships with it; None where only --real gives one.
        clips: Requirements on the clips.
        summary: Scores that one number summarises, as an extra; None without a summary.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    version: Annotated[int, Field(ge=1)]
    draft: bool = False
    segment_seconds: Positive
    decoder: Literal["pyav"] = "pyav"
    extractors: dict[str, Parameters] = {}
    metrics: Annotated[list[MetricEntry], Field(min_length=1)]
    gates: list[GateEntry] = []
    interval: IntervalEntry = IntervalEntry()
    prompts: PromptEntry | None = None
    real: RealEntry | None = None
    clips: ClipsEntry = ClipsEntry()
    summary: Annotated[list[SummaryPart], Field(min_length=1)] | None = None

    def content(self) -> dict[str, Any]:
        """Return the protocol as plain JSON, without its draft mark.

        Keys that were added after the first protocols are left out at their default.
        """
        content = self.model_dump(exclude={"draft"})
        for part, keys in ((content, _LATER), (content["prompts"], _LATER_OF_PROMPTS)):
            for key, default in keys.items():
                if part is not None and part[key] == default:
                    del part[key]
        return content

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        names = [m.key for m in self.metrics]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"metrics listed twice: {', '.join(twice)}")
        unknown = sorted({g.metric for g in self.gates} - set(names))
        if unknown:
            raise ValueError(f"gates on metrics that the protocol does not run: {unknown}")
        _check_summary(self.summary or [], set(names))
        return self


_LATER = {"real": None, "clips": ClipsEntry().model_dump(), "summary": None}
_LATER_OF_PROMPTS = {"revision": None, "categories": None, "samples": 1}


def _check_summary(parts: list[SummaryPart], metrics: set[str]) -> None:
    """Refuse a score that is listed twice, or whose metric does not run."""
    scores = [part.score for part in parts]
    twice = sorted({score for score in scores if scores.count(score) > 1})
    if twice:
        raise ValueError(f"summary lists scores twice: {', '.join(twice)}")
    unknown = sorted(score for score in scores if metric_key(score) not in metrics)
    if unknown:
        raise ValueError(f"summary of scores that the protocol does not run: {unknown}")


def metric_key(score: str) -> str:
    """Return the key of a score's metric: `name.component@extractor` without the component."""
    name, at, extractor = score.partition("@")
    return f"{name.partition('.')[0]}{at}{extractor}"
