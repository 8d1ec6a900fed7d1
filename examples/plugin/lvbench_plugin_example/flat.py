"""Clips of one grey."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.contract.base import Generator, GeneratorInfo, Request


class Flat(Generator):
    """Show one grey, 100."""

    info = GeneratorInfo("flat", "0.1", "none", conditions_on=(), schedule="none", seedable=False)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip as one chunk."""
        plan = self.plan(request)
        yield np.full((plan.frames, plan.height, plan.width, 3), 100, np.uint8)
