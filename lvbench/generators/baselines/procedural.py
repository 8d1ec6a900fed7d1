"""Generators with no weights: the procedural clip of lvbench.world, whole or looped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench import __version__
from lvbench.generators.contract.base import Generator, GeneratorInfo, Request
from lvbench.world.clip import render_clip

LOOP_SECONDS = 2.0


class Procedural(Generator):
    """Render a moving landscape; it reads the seed and the size and no prompt."""

    info = GeneratorInfo("procedural", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames."""
        return render_clip(
            request.seconds, request.fps, request.width, request.height, request.seed
        )


class Loop(Generator):
    """Repeat two seconds of the moving landscape: motion without end, and nothing new.

    A lower bound: no protocol may rank it high.
    """

    info = GeneratorInfo("loop", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip; the two seconds are rendered again each time, and never held."""
        left = self.plan(request).frames
        while left:
            for chunk in render_clip(
                LOOP_SECONDS, request.fps, request.width, request.height, request.seed
            ):
                yield chunk[:left]
                left -= len(chunk[:left])
                if not left:
                    return
