"""When the cast meets the walls of its box: what is to be heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lvbench.world.world import World


@dataclass(frozen=True, slots=True)
class Onset:
    """Say when which character bounced off which wall.

    Attributes:
        time: Seconds since the clip's start.
        identity: The character's number.
        wall: `left`, `right`, `top` or `bottom`, of the home view.
    """

    time: float
    identity: int
    wall: str


def onsets(world: World, start: float, stop: float) -> list[Onset]:
    """Return the onsets in [start, stop), in seconds since the clip's start, in order."""
    found = []
    ends = [*(shot.start for shot in world.shots[1:]), float("inf")]
    for index, (shot, end) in enumerate(zip(world.shots, ends, strict=True)):
        low, high = max(start, shot.start) - shot.start, min(stop, end) - shot.start
        if low < high:
            bounces = world.ways(index).bounces(len(shot.cast), low, high)
            found += [
                Onset(shot.start + bounce.since, shot.cast[bounce.member].number, bounce.wall)
                for bounce in bounces
            ]
    return found
