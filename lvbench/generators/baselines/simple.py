"""Simple baselines: a still picture, noise, a procedural landscape and a loop of it."""

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
from lvbench.generators.contract.options import with_fixed_size
from lvbench.generators.contract.pixels import SLICE_FRAMES
from lvbench.world.clip import render_clip

_CELLS = 6


class Static(Generator):
    """Repeat one picture: the world's first frame for its prompts, otherwise a smooth still.

    The still depends on the first prompt's text and the seed. A lower bound: no protocol may rank
    it high.

    `static:64x64` fixes the size, whatever the protocol requests.
    """

    info = GeneratorInfo("static", __version__, "Apache-2.0", schedule="first_only")

    def __init__(self, size: str = "") -> None:
        self.info = with_fixed_size(self.info, size)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the picture in slices."""
        plan = self.plan(request)
        left = plan.frames
        still = picture(replace(request, width=plan.width, height=plan.height))
        frames = np.repeat(still[None], min(left, SLICE_FRAMES), axis=0)
        while left:
            yield frames[:left]
            left -= len(frames[:left])


def picture(request: Request) -> NDArray[np.uint8]:
    """Return the picture for a request, `uint8 (height, width, 3)` RGB."""
    try:
        first = world_of(request).render(0, 1, request.width, request.height)
    except LvbenchError:
        # Other text, or a size that the world does not support.
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


class Noise(Generator):
    """Draw every pixel of every frame at random, without a prompt.

    A lower bound: no protocol may rank it high. `noise:64x64` fixes the size.
    """

    info = GeneratorInfo("noise", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def __init__(self, size: str = "") -> None:
        self.info = with_fixed_size(self.info, size)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in slices; a frame depends only on the seed and its index."""
        plan = self.plan(request)
        count, shape = plan.frames, (plan.height, plan.width, 3)
        for start in range(0, count, SLICE_FRAMES):
            numbers = range(start, min(start + SLICE_FRAMES, count))
            yield np.stack([_frame(request.seed, number, shape) for number in numbers])


def _frame(seed: int, number: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    # SeedSequence takes no negative numbers.
    rng = np.random.default_rng([seed % 2**32, number])
    return rng.integers(0, 256, shape, dtype=np.uint8)


LOOP_SECONDS = 2.0


class Procedural(Generator):
    """Render a moving landscape from the seed and the size, without a prompt."""

    info = GeneratorInfo("procedural", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames."""
        return render_clip(
            request.seconds, request.fps, request.width, request.height, request.seed
        )


class LoopGenerator(Generator):
    """Repeat two seconds of the moving landscape: endless motion without new content.

    A lower bound: no protocol may rank it high.
    """

    info = GeneratorInfo("loop", __version__, "Apache-2.0", conditions_on=(), schedule="none")

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip; the two seconds are rendered again for each repetition."""
        left = self.plan(request).frames
        while left:
            for chunk in render_clip(
                LOOP_SECONDS, request.fps, request.width, request.height, request.seed
            ):
                yield chunk[:left]
                left -= len(chunk[:left])
                if not left:
                    return
