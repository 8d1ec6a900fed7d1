"""The order of the prompts for each moment, where they are prompts of the world."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.metrics.base import VideoContext, not_applicable
from lvbench.results.schema import ItemScore
from lvbench.world import camera, light
from lvbench.world.grammar import Shot, schedule

_SLACK = 1e-6  # seconds; a time such as 7.9999999 is the 8 that it means


@dataclass(frozen=True, slots=True)
class Moment:
    """The order for one moment.

    Attributes:
        index: The shot's number.
        shot: The shot.
        since: Seconds since its start.
        camera: How far the view is to the right of the home view, in view widths.
        gain: Gains of red, green and blue, `(3,)`.
    """

    index: int
    shot: Shot
    since: float
    camera: float
    gain: NDArray[np.float64]


class Order:
    """The shots that a prompt schedule orders.

    Args:
        shots: The shots in order, the first at 0.
    """

    def __init__(self, shots: tuple[Shot, ...]) -> None:
        self.shots = shots
        self._starts = [shot.start for shot in shots]

    @classmethod
    def of(cls, video: VideoContext) -> Order | None:
        """Return what the prompts of a video order; None where they are not the world's."""
        try:
            return cls(schedule(video.prompts)) if video.prompts else None
        except ConfigError:
            return None

    def at(self, t: float) -> Moment:
        """Return the order for a time in seconds."""
        index = max(0, bisect_right(self._starts, t + _SLACK) - 1)
        shot = self.shots[index]
        since = max(0.0, t - shot.start)
        place = float(camera.position(shot.camera, np.array([since]))[0])
        return Moment(index, shot, since, place, light.gain(shot.light, np.array([t]))[0])


def why_no_order(frames: int, video: VideoContext) -> ItemScore:
    """Return the score of a video that orders nothing, or is too short."""
    if frames < 2:
        return not_applicable("too_short", "fewer than 2 sampled frames")
    detail = "the manifest names no prompt"
    if video.prompts:
        detail = f"not a prompt of the world: {video.prompts[0][1][:60]!r}"
    return not_applicable("no_world_prompt", detail)
