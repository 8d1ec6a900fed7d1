"""The contract of a fault: a clip, a dose and a start in, the faulty clip out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from lvbench.validity.clip import Clip

Shape = Literal["ramp", "step", "event", "throughout"]


class Plant(Protocol):
    """Plant a fault in a clip."""

    def __call__(self, clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
        """Return the clip with the fault from `start` (seconds) on; a dose of 0 changes nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that can be planted in any clip.

    Attributes:
        name: Key in cards and tables, `snake_case`.
        title: The fault in words, as in a table's row.
        unit: Unit of the doses.
        doses: Three or more in increasing order; the smallest is hard to see, the largest obvious.
        shape: `ramp` grows from the start to the end; `step` begins at once and stays; `event`
            begins at once and ends before the clip does; `throughout` has no beginning.
        start: Where it begins unless stated otherwise, as a fraction of the clip's length.
        plant: What plants it.
        needs: What the clip must have: `subject`, `object` or `view` (`stage.base` adds them),
            or `prompts` or `audio` of a world; empty for a fault of any clip.
    """

    name: str
    title: str
    unit: str
    doses: tuple[float, ...]
    shape: Shape
    plant: Plant
    start: float = 0.0
    needs: frozenset[str] = frozenset()

    def planted(
        self, clip: Clip, dose: float, *, start: float | None = None, seed: int = 0
    ) -> Clip:
        """Return the clip with the fault from `start` (seconds) on; a dose of 0 changes nothing."""
        begin = self.start * clip.shape.seconds if start is None else start
        return clip if dose == 0 else self.plant(clip, dose, start=begin, seed=seed)
