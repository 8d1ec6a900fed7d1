"""Types of the generator contract: info, request, plan, clip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lvbench.errors import UsageError
from lvbench.generators.contract.measure import Cost
from lvbench.video.manifest.entry import Prompt, SoundEvent

Schedule = Literal["native", "per_chunk", "first_only", "none", "unknown"]
"""How a generator uses a prompt schedule.

`native`: each prompt applies from its start on. `per_chunk`: a chunk follows the prompt at its
first frame. `first_only`: only the first prompt is read. `none`: prompts are ignored. `unknown`:
not declared.
"""


@dataclass(frozen=True, slots=True)
class GeneratorInfo:
    """Describe a generator.

    Attributes:
        name: Name in tables.
        revision: Version, commit or checkpoint; includes every setting that can change a pixel.
        licence: Licence of code and weights.
        conditions_on: Inputs: `text`, `image`, `audio`.
        chunk_seconds: Length of its chunks; None if it generates a clip in one piece.
        fps: Its frame rate; None if any is supported.
        size: Its width and height; None if any are supported.
        schedule: How it uses a prompt schedule.
        seedable: Whether another seed gives another clip.
        deterministic: Whether the same request gives the same frames.
        streams: Whether frames are yielded before the clip is complete, in bounded memory.
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
    """Request for one clip.

    Attributes:
        id: Name of the clip.
        prompts: Prompt schedule, in order of start.
        seconds: Length.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seed: Seed.
        image: Picture of the first frame, if one is given.
        audio: Audio file that the clip shall match, if one is given.
        cuts: Times of the ordered cuts in seconds.
        sounds: The ordered sound events.
        sample: Index of the sample, if there are several per prompt and seed.
        cluster: Name of the prompt, if it is requested at several lengths.

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
                    f"request the clip '{self.id}'",
                    found=f"{name} = {value}",
                    where="the request",
                    fix="give a positive number",
                )

    def as_json(self) -> dict[str, Any]:
        """Return the request as plain JSON, without `sample` and `cluster`."""
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
    """Plan of a clip: what a generator will generate for a request.

    Attributes:
        frames: Number of frames.
        fps: Frames per second.
        width: Pixels.
        height: Pixels.
        seams: Boundaries between the generator's chunks in seconds, if known beforehand; None to
            take them from the chunks.
        notes: Deviations from the request with reasons, one sentence each.
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
    """A generated clip.

    Attributes:
        path: The file.
        seams: Boundaries between the generator's chunks in seconds; None if not reported.
        cost: Measured cost; see `Meter.cost`.
        fps: Frame rate of a folder of pictures; other files contain their frame times.
    """

    path: Path
    seams: tuple[float, ...] | None
    cost: Cost
    fps: float | None = None
