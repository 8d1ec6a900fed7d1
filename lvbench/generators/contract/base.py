"""The contract of a generator: a request in, a clip out."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError, MissingDependencyError, StorageError, WeightsError
from lvbench.generators.contract.failure import failure
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.pixels import slices
from lvbench.generators.contract.plan import lay_out
from lvbench.generators.contract.types import Clip, GeneratorInfo, Plan, Request
from lvbench.generators.production.frame_check import Tally
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products
from lvbench.video.manifest.entry import Prompt

__all__ = [
    "Clip",
    "FileGenerator",
    "Generator",
    "GeneratorInfo",
    "Plan",
    "Request",
    "WholeClips",
]


class Generator(ABC):
    """Make clips: `frames` yields them in chunks.

    One that returns clips whole derives from `WholeClips`, one that writes files from
    `FileGenerator`.
    """

    info: GeneratorInfo

    @abstractmethod
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks, `uint8 (T, height, width, 3)` RGB, as `plan` says.

        Where `info.chunk_seconds` is set, each chunk after the first begins with a seam.
        """

    def plan(self, request: Request) -> Plan:
        """Say what will really be made of a request; making it costs nothing.

        Raises:
            LvbenchError: The request cannot be served.
        """
        return lay_out(self.info, request)

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
            tally = Tally(self.info, plan, request.id)
            with Meter(os.getpid()) as meter:
                counted = tally.counted(self.frames(request))
                write_video(path, counted, plan.fps, lossless=True, audio=self.audio(request))
        # What is missing or full is missing or full for every clip.
        except (StorageError, MissingDependencyError, WeightsError, GeneratorError):
            raise
        # A model may fail in any way; the other clips are still to be made.
        except Exception as error:
            raise failure(error, self.info, request) from error
        return Clip(path, tally.seams, meter.cost(plan.seconds))


class WholeClips(Generator):
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
