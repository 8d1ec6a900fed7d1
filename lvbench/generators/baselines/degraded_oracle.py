"""The world's renderer with planted faults of known size, to validate metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lvbench.generators.baselines.oracle import Oracle
from lvbench.generators.baselines.planted import SEAM_SECONDS, Dose, PlantedFaults, read_doses
from lvbench.generators.contract.base import ClipPlan, Request
from lvbench.generators.contract.options import read_options
from lvbench.generators.contract.pixels import SLICE_FRAMES
from lvbench.generators.contract.plan import even_seams
from lvbench.video.audio.encode import mono
from lvbench.video.audio.samples import AudioBlock
from lvbench.world import audio, camera
from lvbench.world.grammar import IDENTITIES, Character, Shot
from lvbench.world.world import World


class DegradedOracle(Oracle):
    """Render the world with faults: `degraded-oracle:fault=value[@seconds],fault=value`.

    exposure: relative gain at the end, growing from @ on (0). colour: red up and blue down by it
    at the end, growing from @ on (0). blur: sigma at the end in pixels per 256 of width, growing
    from @ on (0). flicker: standard deviation of each frame's gain, from @ on (0).
    freeze: seconds for which the picture is frozen, from @ on (half-way). loop: seconds from @ on
    (half-way) that are repeated to the end. seam: shift in pixels per 256 of width and tint in
    percent, new every @ seconds (2). swap: number of cast members that are replaced from @ on
    (half-way). forget: number of cast members that are replaced each time the camera returns.
    audio: delay of the audio in seconds; negative for early audio.
    """

    info = replace(Oracle.info, name="degraded-oracle")

    def __init__(self, argument: str) -> None:
        super().__init__()
        self._doses = read_doses("degraded-oracle", read_options("degraded-oracle", argument))
        self.info = replace(self.info, name=f"degraded-oracle:{argument}")

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan; its notes name a fault that has no effect."""
        plan = super().plan(request)
        if "seam" in self._doses:
            every = self._doses["seam"].at or SEAM_SECONDS
            plan = replace(plan, seams=even_seams(every, plan.seconds))
        if "forget" in self._doses and not self._replacement(request, plan).forgets:
            note = "forget has no effect: the camera never leaves"
            plan = replace(plan, notes=(*plan.notes, note))
        return plan

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip in chunks of 16 frames."""
        plan = self.plan(request)
        planted = PlantedFaults(self._doses, plan, request.seed)
        replacement = self._replacement(request, plan)
        for first in range(0, plan.frames, SLICE_FRAMES):
            stop = min(first + SLICE_FRAMES, plan.frames)
            numbers = planted.source_frames(np.arange(first, stop))
            frames = np.concatenate(
                [
                    replacement.world_at(start).render(start, stop, plan.width, plan.height)
                    for start, stop in _runs(numbers, replacement)
                ]
            )
            yield planted.with_faults(frames, first)

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        """Return the audio, delayed by the dose of `audio`."""
        if "audio" not in self._doses:
            return super().audio(request)
        late = self._doses["audio"].value
        world, seconds = self.world(request), self.plan(request).seconds

        def chunks() -> Iterator[NDArray[np.float32]]:
            for number in range(int(np.ceil(seconds))):
                yield audio.render(world, number - late, min(number + 1, seconds) - late)

        return mono(chunks(), audio.RATE)

    def _replacement(self, request: Request, plan: ClipPlan) -> CastReplacement:
        swap_at = 0.0
        if "swap" in self._doses:
            swap_at = PlantedFaults(self._doses, plan, request.seed).start_of("swap")
        return CastReplacement(self.world(request), self._doses, swap_at)


def _runs(numbers: NDArray[np.intp], replacement: CastReplacement) -> Iterator[tuple[int, int]]:
    """Yield ranges of consecutive frames from the same world."""
    start = stop = int(numbers[0])
    for number in numbers.tolist():
        if number != stop or replacement.world_at(number) is not replacement.world_at(start):
            yield start, stop
            start = number
        stop = number + 1
    yield start, stop


_KEPT_WORLDS = 4
_TINY = 1e-9

Changes = dict[Character, Character]


class CastReplacement:
    """Select the world of each frame: the ordered one, or a copy with members replaced.

    Replaced members move as the originals did.

    Args:
        world: The ordered world.
        doses: `swap` (number of members replaced from a time on), `forget` (number replaced each
            time the camera returns).
        swap_at: Seconds at which `swap` begins.
    """

    def __init__(self, world: World, doses: Mapping[str, Dose], swap_at: float) -> None:
        self._world, self._swap_at = world, swap_at
        self._swapped = round(doses["swap"].value) if "swap" in doses else 0
        self._forgotten = round(doses["forget"].value) if "forget" in doses else 0
        self._with = lru_cache(_KEPT_WORLDS)(self._replacement)

    def world_at(self, frame: int) -> World:
        """Return the world of a frame."""
        time, index = frame / self._world.fps, self._world.timeline.shot_at(frame)
        swapped = bool(self._swapped) and time >= self._swap_at - _TINY
        turn = self._returns(self._world.shots[index], time) if self._forgotten else 0
        return self._with(swapped, turn, index if turn else 0) if swapped or turn else self._world

    @property
    def forgets(self) -> bool:
        """Return whether any camera moves away, so that `forget` has an effect."""
        return any(shot.camera != "still" for shot in self._world.shots)

    def _returns(self, shot: Shot, time: float) -> int:
        """Return how often the shot's camera has passed the middle of its time away."""
        if shot.camera == "still":
            return 0
        return int((time - shot.start + camera.PERIOD / 2) / camera.PERIOD + _TINY)

    def _replacement(self, swapped: bool, turn: int, index: int) -> World:
        world, changes = self._world, Changes()
        if swapped:
            at = world.timeline.shot_at(round(self._swap_at * world.fps))
            self._change(changes, world.shots[at].cast[: self._swapped], 0)
        if turn:
            self._change(changes, world.shots[index].cast[: self._forgotten], turn)
        shots = tuple(
            replace(shot, cast=tuple(changes.get(member, member) for member in shot.cast))
            for shot in world.shots
        )
        return World(shots, world.seed, fps=world.fps, level=world.level, aspect=world.aspect)

    def _change(self, changes: Changes, members: tuple[Character, ...], turn: int) -> None:
        """Replace each member by one of other hue and shape that is in none of its shots."""
        for member in members:
            shots = (shot for shot in self._world.shots if member in shot.cast)
            known = {other for shot in shots for other in shot.cast} | set(changes.values())
            rng = np.random.default_rng([self._world.seed, turn, member.number])
            everyone = map(Character.of, rng.permutation(IDENTITIES).tolist())
            changes[member] = next(o for o in everyone if o not in known and _unlike(o, member))


def _unlike(other: Character, member: Character) -> bool:
    """Return whether hue and shape differ; solid characters are replaced by solid ones only."""
    plain = (other.pattern == "solid") == (member.pattern == "solid")
    return other.hue != member.hue and other.shape != member.shape and plain
