"""The world's renderer as a generator: it follows every prompt of the world and never drifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench import __version__
from lvbench.generators.contract.base import ClipPlan, Generator, GeneratorInfo, Request
from lvbench.generators.contract.options import as_number, read_options, refuse_unknown
from lvbench.generators.contract.plan import nearest_plan
from lvbench.video.audio.encode import mono
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.manifest.entry import Prompt
from lvbench.world import audio, grammar
from lvbench.world.world import World

EXAMPLE = (
    "scene=harbour; cast=red solid disc, blue solid square; camera=still; light=noon",
    "scene=snow; cast=red solid disc; camera=pan right; light=noon",
)


class Oracle(Generator):
    """Render the world described by the prompts, with audio: an upper bound.

    Prompts follow the world's grammar; the error for other text shows the grammar.
    `oracle:level=N` renders at level N (0 to 3); the default is the level of the prompts.
    """

    info = GeneratorInfo("oracle", __version__, "Apache-2.0", schedule="native")

    def __init__(self, argument: str = "") -> None:
        given = read_options("oracle", argument)
        refuse_unknown("oracle", given, ("level",))
        level = given.get("level")
        self._level = None if level is None else int(as_number("oracle", "level", level))

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan.

        Raises:
            ConfigError: A prompt is not of the world's grammar (`not_world_text`).
        """
        self.world(request)
        return nearest_plan(self.info, request)

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames."""
        world = self.world(request)
        yield from world.chunks(request.seconds, request.width, request.height)

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        """Return the audio of the cast's bounces."""
        world, seconds = self.world(request), self.plan(request).seconds
        return mono(audio.chunks(world, seconds), audio.RATE)

    def example(self) -> Request:
        """Return a small request with two shots."""
        prompts = tuple(Prompt(start=float(at), text=text) for at, text in enumerate(EXAMPLE))
        return Request("example", prompts, 2.0, 8.0, 64, 48, 2**31 + 1, cuts=(1.0,))

    def world(self, request: Request) -> World:
        """Return the world of a request."""
        return world_of(request, self._level)


def world_of(request: Request, level: int | None = None) -> World:
    """Return the world of a request at a level (default: the level of its prompts).

    Raises:
        ConfigError: A prompt is not of the world's grammar (`not_world_text`).
        UsageError: The world cannot be drawn at that size or seed.
    """
    shots = grammar.schedule([(prompt.start, prompt.text) for prompt in request.prompts])
    aspect = request.width / request.height
    world = World(shots, request.seed, fps=request.fps, level=level, aspect=aspect)
    world.size(request.width, request.height)
    return world
