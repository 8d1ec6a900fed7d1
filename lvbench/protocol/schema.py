"""The schema of a protocol file: every knob that can move a number, and nothing else."""

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

    The parameter `extractor` has a metric read another network than its default: the same metric
    may stand there once for each.
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
    """When a video breaks a gate, and how many may.

    A video breaks the gate when its value of `metric` exceeds `value`; a score that lists the
    metric among its gates is not ranked when more than `share` of the videos break it.
    """

    metric: str
    value: float
    share: Annotated[float, Field(ge=0, le=1)]


class IntervalEntry(_Strict):
    """How the intervals are made."""

    method: Literal["boot-t"] = "boot-t"
    resamples: Annotated[int, Field(ge=100)] = 1000
    seed: int = 0


class PromptEntry(_Strict):
    """What a generator is asked for when it makes the clips of this protocol.

    Attributes:
        file: The prompts, one JSON object a line; it lies beside the protocol.
        sha256: The file's checksum.
        revision: Which revision of the prompt set that is, for readers.
        categories: Only storylines of these categories; all lines where left out.
        seconds: Length of the clips; several ask for every prompt at each. Where a line of the
            file says `seconds`, its clip has that length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seeds: Seeds that every prompt is asked for with.
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
        """Return the lengths that every prompt is asked for at."""
        return self.seconds if isinstance(self.seconds, list) else [self.seconds]


class ClipsEntry(_Strict):
    """What is asked of the clips that are judged.

    Attributes:
        fps: What becomes of a clip of another rate than was asked for: it is judged as made.
        size: What becomes of one of another size: it is judged as made, so that a model may keep
            the size it was trained at; nothing is resized but by the extractors' preprocessing.
        minimum: Videos that a complete run has at least.
    """

    fps: Literal["as_made"] = "as_made"
    size: Literal["as_made"] = "as_made"
    minimum: Annotated[int, Field(ge=1)] = 1


class RealEntry(_Strict):
    """The real set that distances between sets compare with where no other is given.

    `file` lies beside the protocol, as `lvbench stats build` wrote it.
    """

    file: str
    sha256: str


class SummaryPart(_Strict):
    """A score in the summary.

    Attributes:
        score: Its key.
        weight: What it counts.
        worst: The value that counts 0.
        best: The value that counts 1; what lies beyond either is cut.
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
        draft: True until it is released; numbers of a draft may still change.
        segment_seconds: Length of a segment.
        decoder: Back end that decodes.
        extractors: Parameters of extractors, where they differ from the default.
        metrics: The metrics, in the order of the report.
        gates: Conditions for ranking.
        interval: How intervals are made.
        prompts: What generators are asked for; None for protocols that only judge given clips.
        real: The real set that ships with it; None where --real alone gives one.
        clips: What is asked of the clips.
        summary: Scores that one number sums up, as an extra; None where there is none.
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

    def said(self) -> dict[str, Any]:
        """Return what the protocol says, as plain JSON, without its draft mark.

        Keys that came after the first protocols are left out where they say nothing.
        """
        said = self.model_dump(exclude={"draft"})
        for part, keys in ((said, _LATER), (said["prompts"], _LATER_OF_PROMPTS)):
            for key, silent in keys.items():
                if part is not None and part[key] == silent:
                    del part[key]
        return said

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
    """Refuse a score that stands there twice, or whose metric does not run."""
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
