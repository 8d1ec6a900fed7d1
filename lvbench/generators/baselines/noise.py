"""A generator that shows noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench import __version__
from lvbench.generators.contract.base import Generator, GeneratorInfo, Request
from lvbench.generators.contract.options import of_size
from lvbench.generators.contract.pixels import SLICE_FRAMES


class Noise(Generator):
    """Draw every pixel of every frame at random; it reads no prompt.

    A lower bound: no protocol may rank it high. `noise:64x64` has a size of its own.
    """

    info = GeneratorInfo("noise", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def __init__(self, size: str = "") -> None:
        self.info = of_size(self.info, size)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in slices; a frame depends on the seed and its number alone."""
        plan = self.plan(request)
        count, shape = plan.frames, (plan.height, plan.width, 3)
        for start in range(0, count, SLICE_FRAMES):
            numbers = range(start, min(start + SLICE_FRAMES, count))
            yield np.stack([_frame(request.seed, number, shape) for number in numbers])


def _frame(seed: int, number: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    # SeedSequence takes no negative numbers.
    rng = np.random.default_rng([seed % 2**32, number])
    return rng.integers(0, 256, shape, dtype=np.uint8)
