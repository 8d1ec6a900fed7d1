"""One line of a manifest: a video to evaluate, and the request that it answers."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
    model_validator,
)

_MAX_ID = 200  # an item's file name is its id and a suffix, and 255 bytes is the usual limit
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _local_path(path: Path) -> Path:
    text = str(path)
    if "://" in text or re.match(r"[a-z]{2,}:/", text):
        raise ValueError("an address; only paths of files are read")
    if "\0" in text or not path.name:
        raise ValueError("not the path of a file")
    return path


def _in_order(times: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise ValueError("times must increase")
    return times


Seconds = Annotated[float, Field(ge=0)]
Times = Annotated[tuple[Seconds, ...], AfterValidator(_in_order)]
LocalPath = Annotated[Path, AfterValidator(_local_path)]


class Prompt(_Line):
    """One entry of a prompt schedule.

    Attributes:
        start: Time in seconds from which the prompt applies.
        text: The prompt.
        persist: What must stay unchanged under this prompt.
        view: Name of the place or person that is shown; prompts of one name show it again.
    """

    start: Seconds = 0.0
    text: str
    persist: tuple[Literal["identity", "scene", "light", "style"], ...] = ()
    view: str | None = None

    @model_serializer(mode="wrap")
    def _unnamed(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a view without a name, so that digests do not depend on the field."""
        said: dict[str, Any] = plain(self)
        if said.get("view") is None:
            said.pop("view", None)
        return said


class SoundEvent(_Line):
    """A sound event that the prompt requests.

    Attributes:
        start: Time of its onset in seconds.
        end: Time of its end in seconds, if it has one.
        text: Its description.
    """

    start: Seconds
    end: Seconds | None = None
    text: str = ""


class Failure(_Line):
    """Why a clip was not generated.

    Attributes:
        code: Kind of failure.
        detail: What was found.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    detail: str


class ManifestEntry(_Line):
    """One video to evaluate.

    Attributes:
        path: The video file or image-sequence folder; made absolute when a manifest is read.
        id: Name of the item in a run; `read_manifest` derives it where a line has none.
        prompts: The prompt schedule.
        fps: Rate in Hz of an image sequence; other videos carry their times.
        seams: Times in seconds at which the generator began a new chunk; empty where there are
            none, None where unknown.
        cuts: Times in seconds of the requested cuts.
        sounds: The requested sound events.
        reference: The real video that this one continues or copies.
        generator: The generator that made it.
        seed: Seed of the generator.
        sample: Number of this sample among those of the same prompt.
        cluster: Name of its prompt, which intervals resample; derived from the schedule where
            left out.
        cost: Measurements of its generation (seconds, memory, energy).
        failure: Why its generator failed; there is no file then.
        same_as: Id of another clip of the manifest whose file is the same, byte for byte.
    """

    path: LocalPath
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$", max_length=_MAX_ID)]
    prompts: tuple[Prompt, ...] = ()
    fps: Annotated[float, Field(gt=0)] | None = None
    seams: Times | None = None
    cuts: Times = ()
    sounds: tuple[SoundEvent, ...] = ()
    reference: LocalPath | None = None
    generator: str | None = None
    seed: int | None = None
    sample: Annotated[int, Field(ge=0)] | None = None
    cluster: Annotated[str, Field(min_length=1)] | None = None
    cost: dict[str, float | str] | None = None
    failure: Failure | None = None
    same_as: str | None = None

    @model_validator(mode="after")
    def _prompts_in_order(self) -> Self:
        _in_order(tuple(prompt.start for prompt in self.prompts))
        return self

    @field_serializer("path", "reference")
    def _posix(self, path: Path | None) -> str | None:
        return None if path is None else path.as_posix()


def derive_id(relative: str) -> str:
    """Return the id of a video that has none: its relative path as a safe file name.

    Characters outside `[A-Za-z0-9._-]` (and a leading dot) become `_`; where that changed the
    path, or it is too long, 8 hex digits of its sha256 keep two videos apart.
    """
    safe = _FOREIGN.sub("_", relative)
    if safe.startswith("."):
        safe = "_" + safe[1:]
    safe = safe[-(_MAX_ID - 9) :]
    if safe == relative:
        return safe
    digest = hashlib.sha256(relative.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{safe}-{digest[:8]}"
