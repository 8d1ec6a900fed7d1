"""The contract of a generator: a request in, a clip out."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError, StorageError
from lvbench.generators.measure import Cost, Meter
from lvbench.video.encode import write_video
from lvbench.video.manifest_entry import Prompt


@dataclass(frozen=True, slots=True)
class GeneratorInfo:
    """Say what a generator is.

    Attributes:
        name: Name in tables.
        revision: Version, commit or checkpoint.
        licence: Licence of code and weights.
        conditions_on: What it takes: `text`, `image`, `audio`.
        chunk_seconds: Length of the chunks in which it works; None if it makes clips whole.
    """

    name: str
    revision: str
    licence: str
    conditions_on: tuple[str, ...] = ("text",)
    chunk_seconds: float | None = None


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
    """

    id: str
    prompts: tuple[Prompt, ...]
    seconds: float
    fps: float
    width: int
    height: int
    seed: int

    def as_json(self) -> dict[str, Any]:
        """Return the request as plain JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "prompts"}
        return plain | {"prompts": [p.model_dump(mode="json") for p in self.prompts]}


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was made.

    Attributes:
        path: The file.
        seams: Boundaries between the generator's chunks, in seconds; None where it does not tell.
        cost: What was measured while it was made; see `Meter.cost`.
    """

    path: Path
    seams: tuple[float, ...] | None
    cost: Cost


class Generator(ABC):
    """Make clips. One that yields frames implements `frames`; one that writes files, `make`."""

    info: GeneratorInfo

    @abstractmethod
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks, `uint8 (T, height, width, 3)` RGB."""

    def make(self, request: Request, path: Path) -> Clip:
        """Write the clip, lossless, and measure what it took.

        Raises:
            GeneratorError: It did not make the clip.
            StorageError: The clip cannot be written.
        """
        seams: list[float] = []
        shown = 0

        def counted() -> Iterator[NDArray[np.uint8]]:
            nonlocal shown
            for chunk in self.frames(request):
                if shown and self.info.chunk_seconds is not None:
                    seams.append(shown / request.fps)
                shown += len(chunk)
                yield chunk

        try:
            with Meter(os.getpid()) as meter:
                write_video(path, counted(), request.fps, lossless=True)
        except (StorageError, GeneratorError):
            raise
        # A model may fail in any way; the other clips are still to be made.
        except Exception as error:
            raise GeneratorError(
                f"make the clip '{request.id}'",
                found=f"{type(error).__name__}: {error}",
                where=self.info.name,
                mend="mend the generator, then run the same command again: made clips are kept",
            ) from error
        return Clip(path, tuple(seams), meter.cost(shown / request.fps))
