"""A generator with no weights: the procedural clip of lvbench.world."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench import __version__
from lvbench.generators.base import Generator, GeneratorInfo, Request
from lvbench.world.clip import render_clip


class Procedural(Generator):
    """Render a moving landscape; it reads the seed and the size and no prompt."""

    info = GeneratorInfo("procedural", __version__, "Apache-2.0", conditions_on=())

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames."""
        return render_clip(
            request.seconds, request.fps, request.width, request.height, request.seed
        )
