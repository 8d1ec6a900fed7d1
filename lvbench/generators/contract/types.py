"""What is said between lvbench and a generator: what it is, what is asked, what it will make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lvbench.errors import UsageError
from lvbench.generators.contract.measure import Cost
from lvbench.video.manifest.entry import Prompt, SoundEvent

Schedule = Literal["native", "per_chunk", "first_only", "none", "unknown"]
"""What a generator does with a prompt schedule.

`native`: it obeys each prompt from its start on. `per_chunk`: a chunk obeys the prompt that holds
at its first frame. `first_only`: it reads the first prompt. `none`: it reads no prompt.
`unknown`: it does not tell.
"""


@dataclass(frozen=True, slots=True)
class GeneratorInfo:
    """Say what a generator is.

    Attributes:
        name: Name in tables.
        revision: Version, commit or checkpoint; what was set that can move a pixel is in it.
        licence: Licence of code and weights.
        conditions_on: What it takes: `text`, `image`, `audio`.
        chunk_seconds: Length of the chunks in which it works; None if it makes clips whole.
        fps: The rate at which it makes frames; None if it makes any.
        size: Width and height that it makes; None if it makes any.
        schedule: What it does with a prompt schedule.
        seedable: Whether another seed gives another clip.
        deterministic: Whether the same request gives the same frames.
        streams: Whether frames come before the clip is complete, in memory that does not grow.
    """

    name: str
    revision: str
    licence: str
    conditions_on: tuple[str, ...] = ("text",)
    chunk_seconds: float | None = None
    fps: float | None = None
    size: tuple[int, int] | None = None
    schedule: Schedule = "unknown"
    seedable: bool = True
    deterministic: bool = True
    streams: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What a generator is asked for.

    Attributes:
        id: Name of the clip.
        prompts: Prompt schedule, in order of start.
        seconds: Length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seed: Seed.
        image: Picture of the first frame, if one is given.
        audio: Sound file that the clip shall fit, if one is given.
        cuts: Times in seconds of the cuts that are ordered.
        sounds: The sounds that are ordered.
        sample: Number of the sample, where there are several of a prompt and seed.
        cluster: Name of the prompt, where it is asked for at several lengths.

    Raises:
        UsageError: Length, rate or size is not positive and finite.
    """

    id: str
    prompts: tuple[Prompt, ...]
    seconds: float
    fps: float
    width: int
    height: int
    seed: int
    image: Path | None = None
    audio: Path | None = None
    cuts: tuple[float, ...] = ()
    sounds: tuple[SoundEvent, ...] = ()
    sample: int | None = None
    cluster: str | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "fps", "width", "height"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise UsageError(
                    f"ask for the clip '{self.id}'",
                    found=f"{name} = {value}",
                    where="the request",
                    fix="give a positive number",
                )

    def as_json(self) -> dict[str, Any]:
        """Return the request as plain JSON; how the clip is counted is not the generator's."""
        asked = [name for name in self.__slots__ if name not in ("sample", "cluster")]
        plain = {name: getattr(self, name) for name in asked}
        files = {name: plain[name] and str(plain[name].absolute()) for name in ("image", "audio")}
        lines = {
            name: [line.model_dump(mode="json") for line in plain[name]]
            for name in ("prompts", "sounds")
        }
        return plain | files | lines | {"cuts": list(self.cuts)}


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Say what a generator will really make of a request.

    Attributes:
        frames: Number of frames.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seams: Boundaries between the generator's chunks, in seconds, where they are known
            beforehand; None where the chunks tell as they come.
        notes: Where it departs from the request, and why, a sentence each.
    """

    frames: int
    fps: float
    width: int
    height: int
    seams: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Return the length of the clip."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was made.

    Attributes:
        path: The file.
        seams: Boundaries between the generator's chunks, in seconds; None where it does not tell.
        cost: What was measured while it was made; see `Meter.cost`.
        fps: Rate of a folder of pictures; other files carry their times.
    """

    path: Path
    seams: tuple[float, ...] | None
    cost: Cost
    fps: float | None = None
