"""Faults of light, colour, focus and coding, each with several courses over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lvbench.validity.clip import Changed, Clip, Numbers, Pictures
from lvbench.validity.clip import Shape as Size
from lvbench.validity.faults import changes
from lvbench.validity.faults.changes import Change
from lvbench.validity.faults.fault import Fault, Shape

_EDGE = 4  # frames in which an event fades in and out
_DISSOLVE = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    unit: str
    doses: tuple[float, float, float]
    change: Change


@dataclass(frozen=True, slots=True)
class Profile:
    """Course of a fault over time.

    Attributes:
        title: In words.
        shape: As of a fault.
        start: Where it begins, as a fraction of the clip's length.
        span: How long an event lasts, as a fraction of the clip's length.
    """

    title: str
    shape: Shape
    start: float
    span: float = 1.0

    def weights(self, size: Size, start: float) -> NDArray[np.float64]:
        """Return the share of the dose in each frame, 0 to 1, from `start` (seconds) on."""
        number = np.arange(size.frames)
        first = int(np.ceil(start * size.fps - 1e-9))
        if self.shape == "step":
            return (number >= first).astype(np.float64)
        if self.shape == "ramp":
            return np.clip((number - first) / max(1, size.frames - 1 - first), 0, 1)
        last = max(first + 1, round((start + self.span * size.seconds) * size.fps))
        edge = min(_EDGE, (last - first) // 3) + 1
        return np.clip(np.minimum(number - first + 1, last - number) / edge, 0, 1)


_KINDS = {
    "dark": _Kind("Darker", "loss of gain", (0.1, 0.25, 0.5), changes.dark),
    "bright": _Kind("Brighter", "gain", (0.08, 0.2, 0.4), changes.bright),
    "contrast": _Kind("Contrast lost", "share lost", (0.12, 0.3, 0.6), changes.contrast),
    "saturation": _Kind("Saturation lost", "share lost", (0.15, 0.4, 0.8), changes.saturation),
    "hue": _Kind("Hue turned", "degrees", (8.0, 20.0, 45.0), changes.hue),
    "warm": _Kind("Warmer", "gain of red", (0.06, 0.15, 0.35), changes.warm),
    "blur": _Kind("Blurred", "px at 256 wide", (0.6, 1.3, 3.0), changes.blur),
    "noise": _Kind("Noisy", "levels", (3.0, 8.0, 20.0), changes.noise),
    "block": _Kind("Blocky", "DCT step in levels", (25.0, 60.0, 150.0), changes.block),
    "compression": _Kind("JPEG-coded", "100 - quality", (40.0, 70.0, 92.0), changes.compression),
}
PROFILES = {
    "ramp": Profile("more and more", "ramp", 0.0),
    "middle": Profile("from 12 % to 88 %", "event", 0.12, 0.76),
    "early": Profile("within the first tenth", "event", 0.02, 0.06),
    "blip": Profile("briefly in mid-clip", "event", 0.47, 0.06),
    "late": Profile("in the last 15 %", "step", 0.85),
}
_STANDARD_EVENTS = ("dark", "warm", "blur", "contrast")


def changed(
    clip: Clip, dose: float, *, start: float, seed: int, change: Change, profile: Profile
) -> Clip:
    """Return the clip with a change that follows a profile."""
    amounts = dose * profile.weights(clip.shape, start)

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        for i, number in enumerate(numbers):
            if amounts[number] > 0:
                frames[i] = change(frames[i], float(amounts[number]), (seed, int(number)))
        return frames

    return Changed(clip, apply)


def _collapsed(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Return the clip that dissolves into fog within half a second."""
    frames = max(1, round(_DISSOLVE * clip.shape.fps))
    number = np.arange(clip.shape.frames) - np.ceil(start * clip.shape.fps - 1e-9) + 1
    amounts = dose * np.clip(number / frames, 0, 1)

    def apply(pictures: Pictures, numbers: Numbers) -> Pictures:
        for i, amount in enumerate(amounts[numbers]):
            if amount > 0:
                pictures[i] = changes.fog(pictures[i], float(amount), (seed,))
        return pictures

    return Changed(clip, apply)


def _faults() -> dict[str, Fault]:
    """Return every change with every profile, and the two faults with courses of their own."""
    found = {
        f"{change}_{profile}": Fault(
            f"{change}_{profile}",
            f"{kind.title} {course.title}",
            kind.unit,
            kind.doses,
            course.shape,
            partial(changed, change=kind.change, profile=course),
            course.start,
        )
        for change, kind in _KINDS.items()
        for profile, course in PROFILES.items()
    }
    blow = partial(changed, change=changes.overexposed, profile=PROFILES["ramp"])
    found["blow_out"] = Fault(
        "blow_out", "Overexposed more and more", "stops", (0.4, 1.0, 2.0), "ramp", blow
    )
    found["collapse_late"] = Fault(
        "collapse_late", "Dissolves into fog", "share", (0.25, 0.55, 0.95), "step", _collapsed, 0.8
    )
    return found


APPEARANCE = _faults()
STANDARD_APPEARANCE = (
    *(f"{change}_ramp" for change in _KINDS),
    *(f"{c}_{p}" for p in PROFILES if p != "ramp" for c in _STANDARD_EVENTS),
    "blow_out",
    "collapse_late",
)
