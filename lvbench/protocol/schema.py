"""The schema of a protocol file: every knob that can move a number, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0)]
Parameters = dict[str, float | int | str]


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

    `file` lies beside the protocol, one JSON object a line; where a line says `seconds`, its clip
    has that length.
    """

    file: str
    sha256: str
    seconds: Positive
    fps: Positive
    width: Annotated[int, Field(ge=16)]
    height: Annotated[int, Field(ge=16)]
    seeds: Annotated[list[int], Field(min_length=1)] = [0]


class RealEntry(_Strict):
    """The real set that distances between sets compare with where no other is given.

    `file` lies beside the protocol, as `lvbench stats build` wrote it.
    """

    file: str
    sha256: str


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

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        names = [m.key for m in self.metrics]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"metrics listed twice: {', '.join(twice)}")
        unknown = sorted({g.metric for g in self.gates} - set(names))
        if unknown:
            raise ValueError(f"gates on metrics that the protocol does not run: {unknown}")
        return self
