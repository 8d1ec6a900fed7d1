"""Denoising schedules: frame by frame, chunk by chunk, or rolling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lvbench.reference.sampling.switches import Switches


@dataclass(frozen=True, slots=True)
class NetworkPass:
    """One pass of the network.

    Attributes:
        first: First frame in flight.
        steps: Current step of each frame in flight, from the first frame on.
    """

    first: int
    steps: tuple[int, ...]


def levels(switches: Switches) -> tuple[float, ...]:
    """Return the noise levels between the steps, from 1 down to 0: `steps + 1` numbers.

    Source: the shift of Esser et al., Stable Diffusion 3, 2024, eq. 23.
    """
    even = [1 - step / switches.steps for step in range(switches.steps + 1)]
    return tuple(switches.shift * t / (1 + (switches.shift - 1) * t) for t in even)


def ticks(switches: Switches, frames: int, given: int = 0) -> Iterator[NetworkPass]:
    """Yield the passes that sample the frames [given, frames), in order.

    Every sampler is a matrix of frames by passes: a frame begins `steps` passes after the one
    before it (`frame`), together with it (`chunk`, within a chunk), or one pass after it
    (`rolling`).

    Source: Chen et al., Diffusion Forcing, 2024, scheduling matrices.
    """
    first, tick = given, 0
    while first < frames:
        flying = []
        for frame in range(first, frames):
            step = tick - _begin(switches, frame - given)
            if step < 0:
                break
            flying.append(step)
        if flying:
            yield NetworkPass(first, tuple(flying))
        tick += 1
        while first < frames and tick - _begin(switches, first - given) >= switches.steps:
            first += 1


def _begin(switches: Switches, frame: int) -> int:
    if switches.sampler == "rolling":
        return frame
    group = switches.chunk if switches.sampler == "chunk" else 1
    return frame // group * switches.steps


def in_flight(switches: Switches) -> int:
    """Return the largest number of frames that are denoised at once."""
    return {"frame": 1, "chunk": switches.chunk, "rolling": switches.steps}[switches.sampler]
