"""The generator contract: base classes from request to clip."""

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
    """Generate clips; `frames` yields them in chunks.

    A model that returns a complete clip derives from `ArrayGenerator`, one that writes files from
    `FileGenerator`.
    """

    info: GeneratorInfo

    @abstractmethod
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks, `uint8 (T, height, width, 3)` RGB, of the planned size.

        If `info.chunk_seconds` is set, each chunk after the first begins with a seam.
        """

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan for a request, without generating it.

        Raises:
            LvbenchError: The request cannot be served.
        """
        return nearest_plan(self.info, request)

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        """Return the clip's audio from time 0 on; empty for a generator without audio."""
        return ()

    def example(self) -> Request:
        """Return a small request with two prompts that the generator can serve."""
        width, height = self.info.size or (64, 48)
        first = Prompt(text="A red boat on a calm sea.")
        later = Prompt(start=1.0, text="The boat comes into a harbour.")
        return Request("example", (first, later), 2.0, self.info.fps or 8.0, width, height, 1)

    def make(self, request: Request, path: Path) -> Clip:
        """Write the clip losslessly and measure its cost.

        Raises:
            GeneratorError: The planned clip was not generated; the code gives the reason.
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
        # A missing dependency or a full disk affects every clip.
        except (StorageError, MissingDependencyError, WeightsError, GeneratorError):
            raise
        # A model may fail in any way; the other clips are still generated.
        except Exception as error:
            raise failure(error, self.info, request) from error
        return Clip(path, check.seams, meter.cost(plan.seconds))


class ArrayGenerator(Generator):
    """Generate clips with a model that returns a complete clip; subclasses implement `clip`."""

    @abstractmethod
    def clip(self, request: Request) -> object:
        """Return the clip: an array, a tensor or a list of pictures; see `pixels.slices`."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in slices."""
        yield from slices(self.clip(request))


class FileGenerator(Generator):
    """Generate clips with a program that writes files; subclasses implement `make`."""

    @abstractmethod
    def make(self, request: Request, path: Path) -> Clip:
        """Write the clip."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of the file."""
        import tempfile

        with tempfile.TemporaryDirectory() as scratch:
            clip = self.make(request, Path(scratch) / f"{request.id}.mp4")
            with open_video(clip.path, Products(rgb=True), fps=clip.fps) as reader:
                for chunk in reader:
                    assert chunk.rgb is not None
                    yield chunk.rgb


_FIXES = {
    "generator_out_of_memory": "request smaller or shorter clips, or free memory",
    "generator_timeout": "raise the time limit, or request shorter clips",
    "generator_failed": "fix the generator",
}
_AGAIN = "then run the same command again: completed clips are kept"


def failure(error: Exception, info: GeneratorInfo, request: Request) -> GeneratorError:
    """Return the error of a clip for any exception that its generator raised."""
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
        fix=f"{_FIXES[code]}, {_AGAIN}",
        code=code,
    )


def _code(error: Exception) -> str:
    # torch's error for a full GPU has this name, and torch may not be installed.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "generator_out_of_memory"
    return "generator_timeout" if isinstance(error, TimeoutError) else "generator_failed"
