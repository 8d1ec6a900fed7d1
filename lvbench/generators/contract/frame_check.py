"""Check the frames of a generator against its plan as they arrive."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError
from lvbench.generators.contract.types import ClipPlan, GeneratorInfo


class FrameCheck:
    """Count frames, check their shape and type, and record where chunks begin.

    Args:
        info: The generator.
        plan: Its plan for the clip.
        clip: Name of the clip.
    """

    def __init__(self, info: GeneratorInfo, plan: ClipPlan, clip: str) -> None:
        self._info, self._plan, self._clip = info, plan, clip
        self._begun: list[float] = []
        self.frames = 0

    def counted(self, chunks: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Yield the chunks unchanged.

        Raises:
            GeneratorError: A chunk differs from the plan in type or size (`clip_differs`), or the
                number of frames does (`clip_truncated`, `clip_differs`).
        """
        for chunk in chunks:
            self.add(chunk)
            yield chunk
        self.finish()

    def add(self, chunk: NDArray[np.uint8]) -> None:
        """Check and count a chunk.

        Raises:
            GeneratorError: It differs from the plan in type or size, or has surplus frames
                (`clip_differs`).
        """
        self._check(chunk)
        if self.frames and self._info.chunk_seconds is not None:
            self._begun.append(self.frames / self._plan.fps)
        self.frames += len(chunk)
        planned = self._plan.frames
        if self.frames > planned:
            raise self._error(f"more than the {planned} planned frames", "clip_differs")

    def finish(self) -> None:
        """Check the number of frames at the end of the clip.

        Raises:
            GeneratorError: There are fewer frames than planned (`clip_truncated`).
        """
        planned = self._plan.frames
        if self.frames < planned:
            raise self._error(f"{self.frames} of {planned} planned frames", "clip_truncated")

    @property
    def seams(self) -> tuple[float, ...]:
        """Return the seams: the planned ones, otherwise the starts of the chunks."""
        return tuple(self._begun) if self._plan.seams is None else self._plan.seams

    def _check(self, chunk: NDArray[np.uint8]) -> None:
        wanted = self._plan.height, self._plan.width, 3
        if chunk.dtype != np.uint8 or chunk.ndim != 4 or chunk.shape[1:] != wanted:
            found = f"a chunk is {chunk.dtype} {chunk.shape}, the plan is uint8 (T, *{wanted})"
            raise self._error(found, "clip_differs")

    def _error(self, found: str, code: str) -> GeneratorError:
        return GeneratorError(
            f"make the clip '{self._clip}'",
            found=found,
            where=self._info.name,
            fix="fix the generator or its plan; 'lvbench generators check' tests it",
            code=code,
        )
