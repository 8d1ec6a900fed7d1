"""A generator that shows one picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvbench import __version__
from lvbench.errors import LvbenchError
from lvbench.generators.baselines.oracle import world_of
from lvbench.generators.contract.base import Generator, GeneratorInfo, Request
from lvbench.generators.contract.options import of_size
from lvbench.generators.contract.pixels import SLICE_FRAMES

_CELLS = 6


class Static(Generator):
    """Show one picture all the time: the world's first frame for its prompts, else a soft still.

    The still is drawn from the first prompt's text and the seed. A lower bound: no protocol may
    rank it high.

    `static:64x64` has a size of its own, whatever a protocol asks for.
    """

    info = GeneratorInfo("static", __version__, "Apache-2.0", schedule="first_only")

    def __init__(self, size: str = "") -> None:
        self.info = of_size(self.info, size)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the picture in slices."""
        plan = self.plan(request)
        left = plan.frames
        still = picture(replace(request, width=plan.width, height=plan.height))
        shown = np.repeat(still[None], min(left, SLICE_FRAMES), axis=0)
        while left:
            yield shown[:left]
            left -= len(shown[:left])


def picture(request: Request) -> NDArray[np.uint8]:
    """Return the picture for a request, `uint8 (height, width, 3)` RGB."""
    try:
        first = world_of(request).render(0, 1, request.width, request.height)
    except LvbenchError:
        # Other text, or a size that the world does not draw.
        return _still(request)
    picture: NDArray[np.uint8] = first[0]
    return picture


def _still(request: Request) -> NDArray[np.uint8]:
    import cv2

    text = request.prompts[0].text if request.prompts else ""
    digest = hashlib.sha256(f"{request.seed} {text}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    grid = rng.uniform(40, 215, (_CELLS, _CELLS, 3)).astype(np.float32)
    size = request.width, request.height
    smooth = np.asarray(cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC))
    still: NDArray[np.uint8] = np.clip(np.rint(smooth), 0, 255).astype(np.uint8)
    return still
