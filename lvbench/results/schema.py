"""Strict models of the item record and of run.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

SCHEMA = 1

Number = Annotated[float, Field(allow_inf_nan=False)]
ItemStatus = Literal["ok", "not_applicable", "failed"]
ScoreStatus = Literal["ok", "not_applicable", "unavailable", "failed"]


class Record(BaseModel):
    """Base of all records: refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Series(Record):
    """A quantity over time: `t` in seconds (segment centres), `y` in the metric's unit."""

    t: list[Number]
    y: list[Number]

    @model_validator(mode="after")
    def _same_length(self) -> Series:
        if len(self.t) != len(self.y):
            raise ValueError(f"t has {len(self.t)} values and y has {len(self.y)}")
        return self

    def end(self) -> Series:
        """Return the last point alone."""
        return Series(t=self.t[-1:], y=self.y[-1:])


class Event(Record):
    """Event in a video between `start` and `end`, in seconds."""

    kind: str
    start: Number
    end: Number
    details: dict[str, Number | str] = {}


class ItemScore(Record):
    """One metric's outcome on one video; `value` is null exactly where status is not ok."""

    status: ItemStatus = "ok"
    code: str | None = None
    detail: str | None = None
    value: Number | None = None
    components: dict[str, Number] = {}
    series: dict[str, Series] = {}
    events: list[Event] = []
    flags: list[str] = []

    @model_validator(mode="after")
    def _value_iff_ok(self) -> ItemScore:
        if (self.status == "ok") != (self.value is not None):
            raise ValueError(f"status {self.status} with value {self.value}")
        if (self.status == "ok") == (self.code is not None):
            raise ValueError(f"status {self.status} with code {self.code}")
        return self


class VideoRecord(Record):
    """The video that an item record is about.

    `status` is `ok` or `failed`; a truncated, damaged or unreadable file is failed with a code.
    `cluster` groups the videos of one prompt: the unit that intervals resample.
    `manifest_sha256` is the digest of the manifest's line of the video, without paths.
    `fps` is the usual number of pictures shown per second and `frames` the number of frames in the
    file. `distinct` is present where there are fewer pictures than frames, and `repeated` where
    frames repeat pictures in the pattern of a rate conversion.
    `sample` is present only where the manifest numbers samples, and `reference_sha256` only where
    the video was compared with an original. `flags` lists oddities of the file that are no damage
    (docs/damage.md); with the flag `audio_longer`, the field of that name gives the seconds.
    """

    id: str
    path: str
    status: Literal["ok", "failed"] = "ok"
    code: str | None = None
    detail: str | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    fps: Number | None = None
    frames: int | None = None
    distinct: int | None = None
    repeated: int | None = None
    duration: Number | None = None
    codec: str | None = None
    pixel_format: str | None = None
    colour: str | None = None
    prompts: list[dict[str, Any]] = []
    generator: str | None = None
    seed: int | None = None
    sample: int | None = None
    cluster: str
    reference_sha256: str | None = None
    manifest_sha256: str | None = None
    flags: list[str] = []
    audio_longer: Number | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialise(self)
        for key in ("sample", "reference_sha256", "distinct", "repeated", "audio_longer"):
            if getattr(self, key) is None:
                fields.pop(key, None)
        return fields


class ItemRecord(Record):
    """Scores of one video in one run: a file of the journal.

    `features_sha256` is the checksum of `items/<id>.npz`, the windows' features that set metrics
    read; null where none are stored.
    """

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, frozen=True, serialize_by_alias=True
    )

    schema_number: int = Field(default=SCHEMA, alias="schema")
    identity: str
    video: VideoRecord
    metrics: dict[str, ItemScore]
    features_sha256: str | None = None

    def without_curves(self) -> ItemRecord:
        """Return the record with only the last point of every series, which aggregation needs."""
        slim = {
            name: score.model_copy(
                update={"events": [], "series": {k: s.end() for k, s in score.series.items()}}
            )
            for name, score in self.metrics.items()
        }
        return self.model_copy(update={"metrics": slim})


class Gate(Record):
    """Condition for ranking a score: few videos break the gate, and few failed.

    Attributes:
        metric: Metric of the gate.
        share: Share of the scored videos that break it; 0 where none was scored.
        limit: Largest share of videos that the protocol allows.
        n: Videos that were scored, without those to which the metric does not apply.
        n_failed: Videos that failed.
    """

    metric: str
    share: Number
    limit: Number
    n: int
    n_failed: int

    @property
    def n_broken(self) -> int:
        """Return how many of the scored videos break it."""
        return round(self.share * self.n)

    @property
    def failed(self) -> bool:
        """Return whether more videos break it, or may, than the protocol allows.

        A failed video may break the gate, so it counts as one that does.
        """
        total = self.n + self.n_failed
        return total > 0 and (self.n_broken + self.n_failed) / total > self.limit


class Score(Record):
    """One number of a run with its interval and its denominator.

    `n_expected` counts the videos to which the score applies, so
    `n_expected = n_scored + n_failed`. `measured` is present only where it is true: the number
    was measured while the videos were made, and no second evaluation can confirm it.
    `identity` is a hash of everything that can move this number: scores of equal identity may be
    compared.
    """

    value: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    ci_method: str | None = None
    n_expected: int
    n_scored: int
    n_failed: int
    higher_is_better: bool | None
    unit: str
    status: ScoreStatus = "ok"
    code: str | None = None
    detail: str | None = None
    gates: list[Gate] = []
    measured: bool = False
    identity: str | None = None

    @model_serializer(mode="wrap")
    def _marked_if_measured(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialise(self)
        if not self.measured:
            fields.pop("measured", None)
        if self.identity is None:
            fields.pop("identity", None)
        return fields

    @model_validator(mode="after")
    def _value_iff_ok(self) -> Score:
        if (self.status == "ok") != (self.value is not None):
            raise ValueError(f"status {self.status} with value {self.value}")
        return self


class ProtocolRecord(Record):
    """The protocol of a run: its hash is the run's identity."""

    name: str
    version: int
    draft: bool
    hash: str


class LeftOutRecord(Record):
    """Files of a folder that were not scored, for one reason; `paths` lists the first 100."""

    why: str
    count: int
    paths: list[str]
    real: bool = False


class RunRecord(Record):
    """run.json: aggregates, identity and environment of one run.

    Everything but `environment` and `timing` is a function of the videos and the protocol.
    `left_out` is present only where the folder of the videos (or of the real ones) had files that
    were not scored.
    """

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, frozen=True, serialize_by_alias=True
    )

    schema_number: int = Field(default=SCHEMA, alias="schema")
    status: Literal["complete", "partial"]
    reasons: list[str] = []
    title: str
    protocol: ProtocolRecord
    signature: str | None
    videos: dict[str, int]
    scores: dict[str, Score]
    environment: dict[str, Any]
    timing: dict[str, Any]
    left_out: list[LeftOutRecord] = []

    @model_serializer(mode="wrap")
    def _without_absent(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialise(self)
        if not self.left_out:
            fields.pop("left_out", None)
        return fields
