"""The world's renderer with planted faults of known size: the yardstick for metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.baselines.oracle import Oracle
from lvbench.generators.baselines.planted import SEAM_SECONDS, Planted, read_doses
from lvbench.generators.baselines.recast import Recast
from lvbench.generators.contract.base import Plan, Request
from lvbench.generators.contract.options import read_options
from lvbench.generators.contract.pixels import SLICE_FRAMES
from lvbench.generators.contract.seams import even_seams
from lvbench.video.audio.encode import mono
from lvbench.video.audio.samples import AudioBlock
from lvbench.world import audio


class DegradedOracle(Oracle):
    """Render the world with faults: `degraded-oracle:fault=value[@seconds],fault=value`.

    exposure: relative gain at the end, growing from @ on (0). colour: red up and blue down by it
    at the end, growing from @ on (0). blur: sigma at the end in pixels per 256 of width, growing
    from @ on (0). flicker: standard deviation of each frame's gain, from @ on (0).
    freeze: the picture stands still for so many seconds, from @ on (half-way). loop: so many
    seconds from @ on (half-way) are shown again and again. seam: shift in pixels per 256 of width
    and tint in percent, new every @ seconds (2). swap: so many members of the cast are others
    from @ on (half-way). forget: so many are others whenever the camera has been away.
    audio: the sound comes so many seconds late, early where negative.
    """

    info = replace(Oracle.info, name="degraded-oracle")

    def __init__(self, argument: str) -> None:
        super().__init__()
        self._doses = read_doses("degraded-oracle", read_options("degraded-oracle", argument))
        self.info = replace(self.info, name=f"degraded-oracle:{argument}")

    def plan(self, request: Request) -> Plan:
        """Say what will be made, and which fault finds nothing to spoil."""
        plan = super().plan(request)
        if "seam" in self._doses:
            every = self._doses["seam"].at or SEAM_SECONDS
            plan = replace(plan, seams=even_seams(every, plan.seconds))
        if "forget" in self._doses and not self._recast(request, plan).forgets:
            note = "forget has no effect: the camera never leaves"
            plan = replace(plan, notes=(*plan.notes, note))
        return plan

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames; none is held longer."""
        plan = self.plan(request)
        planted, recast = Planted(self._doses, plan, request.seed), self._recast(request, plan)
        for first in range(0, plan.frames, SLICE_FRAMES):
            numbers = planted.shown(np.arange(first, min(first + SLICE_FRAMES, plan.frames)))
            frames = np.concatenate(
                [
                    recast.world_at(start).render(start, stop, plan.width, plan.height)
                    for start, stop in _runs(numbers, recast)
                ]
            )
            yield planted.spoilt(frames, first)

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        """Return the sound, early or late where that was asked for."""
        if "audio" not in self._doses:
            return super().audio(request)
        late = self._doses["audio"].value
        world, seconds = self.world(request), self.plan(request).seconds

        def chunks() -> Iterator[NDArray[np.float32]]:
            for number in range(int(np.ceil(seconds))):
                yield audio.render(world, number - late, min(number + 1, seconds) - late)

        return mono(chunks(), audio.RATE)

    def _recast(self, request: Request, plan: Plan) -> Recast:
        swap_at = 0.0
        if "swap" in self._doses:
            swap_at = Planted(self._doses, plan, request.seed).begins("swap")
        return Recast(self.world(request), self._doses, swap_at)


def _runs(numbers: NDArray[np.intp], recast: Recast) -> Iterator[tuple[int, int]]:
    """Yield ranges of frames that follow each other and are of one world."""
    start = stop = int(numbers[0])
    for number in numbers.tolist():
        if number != stop or recast.world_at(number) is not recast.world_at(start):
            yield start, stop
            start = number
        stop = number + 1
    yield start, stop
