"""The contract of a generator: a request in, a clip out."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import (
    GeneratorError,
    LvbenchError,
    MissingDependencyError,
    StorageError,
    WeightsError,
)
from lvbench.generators.contract.frame_check import FrameCheck
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.pixels import slices
from lvbench.generators.contract.plan import nearest_plan
from lvbench.generators.contract.types import Clip, ClipPlan, GeneratorInfo, Request
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products
from lvbench.video.manifest.entry import Prompt

__all__ = [
    "ArrayGenerator",
    "Clip",
    "ClipPlan",
    "FileGenerator",
    "Generator",
    "GeneratorInfo",
    "Request",
]


class Generator(ABC):
    """Make clips: `frames` yields them in chunks.

    One that returns clips whole derives from `ArrayGenerator`, one that writes files from
    `FileGenerator`.
    """

    info: GeneratorInfo

    @abstractmethod
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks, `uint8 (T, height, width, 3)` RGB, as `plan` says.

        Where `info.chunk_seconds` is set, each chunk after the first begins with a seam.
        """

    def plan(self, request: Request) -> ClipPlan:
        """Say what will really be made of a request; making it costs nothing.

        Raises:
            LvbenchError: The request cannot be served.
        """
        return nearest_plan(self.info, request)

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        """Return the clip's sound from time 0 on; nothing where it makes none."""
        return ()

    def example(self) -> Request:
        """Return a small request that it can serve, with two prompts."""
        width, height = self.info.size or (64, 48)
        first = Prompt(text="A red boat on a calm sea.")
        later = Prompt(start=1.0, text="The boat comes into a harbour.")
        return Request("example", (first, later), 2.0, self.info.fps or 8.0, width, height, 1)

    def make(self, request: Request, path: Path) -> Clip:
        """Write the clip, lossless, and measure what it took.

        Raises:
            GeneratorError: It did not make the clip that its plan promises; the code says why.
            StorageError: The clip cannot be written.
            WeightsError: Weights are missing.
            MissingDependencyError: A package is missing.
        """
        try:
            plan = self.plan(request)
            check = FrameCheck(self.info, plan, request.id)
            with Meter(os.getpid()) as meter:
                counted = check.counted(self.frames(request))
                write_video(path, counted, plan.fps, lossless=True, audio=self.audio(request))
        # What is missing or full is missing or full for every clip.
        except (StorageError, MissingDependencyError, WeightsError, GeneratorError):
            raise
        # A model may fail in any way; the other clips are still to be made.
        except Exception as error:
            raise failure(error, self.info, request) from error
        return Clip(path, check.seams, meter.cost(plan.seconds))


class ArrayGenerator(Generator):
    """Make clips by a model that returns each at once: `clip` is what must be given."""

    @abstractmethod
    def clip(self, request: Request) -> object:
        """Return the clip: an array, a tensor or a list of pictures; see `pixels.slices`."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in slices."""
        yield from slices(self.clip(request))


class FileGenerator(Generator):
    """Make clips by what writes files: `make` is what must be given."""

    @abstractmethod
    def make(self, request: Request, path: Path) -> Clip:
        """Have the file written."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of the file."""
        import tempfile

        with tempfile.TemporaryDirectory() as scratch:
            clip = self.make(request, Path(scratch) / f"{request.id}.mp4")
            with open_video(clip.path, Products(rgb=True), fps=clip.fps) as reader:
                for chunk in reader:
                    assert chunk.rgb is not None
                    yield chunk.rgb


_MENDS = {
    "generator_out_of_memory": "ask for smaller or shorter clips, or free memory",
    "generator_timeout": "raise the time limit, or ask for shorter clips",
    "generator_failed": "fix the generator",
}
_AGAIN = "then run the same command again: made clips are kept"


def failure(error: Exception, info: GeneratorInfo, request: Request) -> GeneratorError:
    """Return the error of a clip, whatever a generator raised while it made it."""
    asked = f"make the clip '{request.id}'"
    if isinstance(error, LvbenchError):
        return GeneratorError(
            asked, found=error.found, where=error.where, fix=error.fix, code=error.code
        )
    code = _code(error)
    return GeneratorError(
        asked,
        found=f"{type(error).__name__}: {error}",
        where=info.name,
        fix=f"{_MENDS[code]}, {_AGAIN}",
        code=code,
    )


def _code(error: Exception) -> str:
    # torch's error of a full GPU is a RuntimeError of this name, and torch need not be there.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "generator_out_of_memory"
    return "generator_timeout" if isinstance(error, TimeoutError) else "generator_failed"
