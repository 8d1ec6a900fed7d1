"""Faults of known size and time, planted into a stream of frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.generators.baselines.pixel_faults import Clip, blurred, gained, shifted
from lvbench.generators.contract.options import as_number, refuse_unknown
from lvbench.generators.contract.types import ClipPlan

FAULTS = (
    *("exposure", "colour", "blur", "flicker", "freeze", "loop"),
    *("seam", "swap", "forget", "audio"),
)
SEAM_SECONDS = 2.0
_SIGNED = ("exposure", "colour", "audio")
_WIDTH = 256  # the picture width to which doses in pixels refer


@dataclass(frozen=True, slots=True)
class Dose:
    """Size and time of a fault.

    Attributes:
        value: Size.
        at: Start in seconds, or the period for `seam`; None for the default.
    """

    value: float
    at: float | None = None


@dataclass(frozen=True, slots=True)
class PlantedFaults:
    """The faults of one clip.

    Attributes:
        doses: Doses by fault name.
        plan: Plan of the clip.
        seed: Seed of random draws.
    """

    doses: Mapping[str, Dose]
    plan: ClipPlan
    seed: int

    def start_of(self, name: str) -> float:
        """Return the start of a fault in seconds; the middle of the clip by default."""
        at = self.doses[name].at
        return self.plan.seconds / 2 if at is None else at

    def source_frames(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the source frame of each output frame, under `loop` and `freeze`."""
        if "loop" in self.doses and (period := self._length("loop")):
            first = self._frame("loop")
            again = first + (numbers - first) % period
            numbers = np.where(numbers >= first + period, again, numbers)
        if "freeze" in self.doses:
            first, length = self._frame("freeze"), self._length("freeze")
            numbers = np.where((numbers > first) & (numbers <= first + length), first, numbers)
        return numbers

    def with_faults(self, frames: Clip, first: int) -> Clip:
        """Return consecutive frames, starting at frame `first`, with pixel faults applied."""
        numbers = np.arange(first, first + len(frames))
        for name, spoil in _PIXELS.items():
            if name in self.doses:
                frames = spoil(self, frames, numbers)
        return frames

    def share(self, name: str, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the growth of a fault at each frame: 0 at its start, 1 at the last frame."""
        first = (self.doses[name].at or 0.0) * self.plan.fps
        last = self.plan.frames - 1
        return np.clip((numbers - first) / max(last - first, 1e-9), 0.0, 1.0)

    def _frame(self, name: str) -> int:
        return round(self.start_of(name) * self.plan.fps)

    def _length(self, name: str) -> int:
        return round(self.doses[name].value * self.plan.fps)


def read_doses(generator: str, options: Mapping[str, str]) -> dict[str, Dose]:
    """Return the doses in a generator's options: `fault=value` or `fault=value@seconds`.

    Raises:
        UsageError: A fault is unknown, or a value is invalid.
    """
    refuse_unknown(generator, dict(options), FAULTS)
    doses = {}
    for name, text in options.items():
        value, mark, at = text.partition("@")
        moment = as_number(generator, name, at) if mark else None
        dose = Dose(as_number(generator, name, value), moment)
        backwards = dose.value < 0 and name not in _SIGNED
        # The time of `seam` is its period.
        never = moment is not None and (moment < 0 or (name == "seam" and moment == 0))
        if backwards or never:
            raise UsageError(
                f"set up the generator '{generator}'",
                found=f"{name}={text}",
                where=f"{generator}:{name}={text}",
                fix="give a non-negative size and time",
            )
        if dose.value:
            doses[name] = dose
    return doses


def _exposure(planted: PlantedFaults, frames: Clip, numbers: NDArray[np.intp]) -> Clip:
    return gained(frames, 1 + planted.doses["exposure"].value * planted.share("exposure", numbers))


def _colour(planted: PlantedFaults, frames: Clip, numbers: NDArray[np.intp]) -> Clip:
    grown = planted.doses["colour"].value * planted.share("colour", numbers)
    return gained(frames, 1 + grown[:, None] * np.array([1.0, 0.0, -1.0]))


def _blur(planted: PlantedFaults, frames: Clip, numbers: NDArray[np.intp]) -> Clip:
    most = planted.doses["blur"].value * planted.plan.width / _WIDTH
    return blurred(frames, most * planted.share("blur", numbers))


def _flicker(planted: PlantedFaults, frames: Clip, numbers: NDArray[np.intp]) -> Clip:
    first = (planted.doses["flicker"].at or 0.0) * planted.plan.fps
    drawn = np.array([_rng(planted.seed, 0, n).standard_normal() for n in numbers.tolist()])
    return gained(frames, 1 + planted.doses["flicker"].value * drawn * (numbers >= first))


def _seam(planted: PlantedFaults, frames: Clip, numbers: NDArray[np.intp]) -> Clip:
    """Shift and tint each chunk by its own random amount; the first is unchanged."""
    dose = planted.doses["seam"]
    chunks = np.floor(numbers / planted.plan.fps / (dose.at or SEAM_SECONDS) + 1e-9).astype(int)
    out = frames.copy()
    for chunk in np.unique(chunks[chunks > 0]).tolist():
        rng = _rng(planted.seed, 1, chunk)
        angle, reach = rng.uniform(0, 2 * np.pi), dose.value * planted.plan.width / _WIDTH
        down, right = round(reach * np.sin(angle)), round(reach * np.cos(angle))
        here = chunks == chunk
        gain = 1 + dose.value / 100 * rng.standard_normal(3)
        out[here] = gained(shifted(frames[here], down, right), np.tile(gain, (here.sum(), 1)))
    return out


_PIXELS: dict[str, Callable[[PlantedFaults, Clip, NDArray[np.intp]], Clip]] = {
    "seam": _seam,
    "exposure": _exposure,
    "colour": _colour,
    "blur": _blur,
    "flicker": _flicker,
}


def _rng(seed: int, use: int, number: int) -> np.random.Generator:
    """Return the random generator of one frame or chunk, independent of earlier draws."""
    return np.random.default_rng([seed, use, number])
