"""Cheats: clips that are no video, made from a real one to look good to metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from lvbench.validity.clip import Blended, Changed, Clip, Numbers, Pictures, Reordered
from lvbench.validity.faults import changes, timing
from lvbench.validity.overlays import (
    Path,
    grained,
    lit,
    panning,
    shaking,
    with_sprite,
    zooming,
)

_SHAKE = 0.4  # pixels at 256 wide
_ZOOM, _FAST_ZOOM = 0.004, 0.01  # per second
_PAN = 0.01  # widths per second
_GRAIN = 3.0  # levels
_PATCH = 0.15  # of the width and of the height
_SLIDE, _DISSOLVE = 3.0, 1.0  # seconds
_TURN, _PERIOD, _FADE = 3.0, 4.0, 0.4  # seconds of a palindrome's way, a loop's cycle, its dissolve
_GAIN = 0.02  # per pass
_LOW_PASS = 0.5  # seconds
_SAMPLES = 16  # frames that are read to find where a clip moves

Make = Callable[[Clip, float, int], Clip]


@dataclass(frozen=True, slots=True)
class Cheat:
    """A way to make a clip that is no video from a real clip of the same size.

    Attributes:
        name: Key in tables, `snake_case`.
        title: The cheat in words.
        make: From clip, strength and seed to the cheat.
    """

    name: str
    title: str
    make: Make

    def made(self, clip: Clip, *, strength: float = 1.0, seed: int = 0) -> Clip:
        """Return the cheat.

        Args:
            clip: A real clip.
            strength: Factor of the cheat's size, speed or level; 1 is the cheat as named.
            seed: 0 gives the cheat as named; others draw other pictures, periods, places, paths.
        """
        return self.make(clip, strength, seed)


def _drawn(value: float, seed: int, spread: float = 1.6) -> float:
    """Return a value, or for a seed above 0 one drawn within a factor of it."""
    if not seed:
        return value
    return float(value * spread ** np.random.default_rng((seed, 1)).uniform(-1, 1))


def _pass(clip: Clip, seconds: float, strength: float, seed: int) -> float:
    """Return the seconds of a pass: at most a third of the clip as named, and half by seed."""
    whole = clip.shape.seconds
    return min(_drawn(min(seconds, whole / 3), seed) * strength, whole / 2)


def still(clip: Clip, strength: float, seed: int) -> Clip:
    """Return the middle frame, or for a seed above 0 some frame, held."""
    count = clip.shape.frames
    number = np.random.default_rng(seed).integers(count) if seed else count // 2
    return Reordered(clip, np.full(count, number))


def _still_grain(clip: Clip, strength: float, seed: int, *, deviation: float) -> Clip:
    return grained(still(clip, 1.0, seed), deviation * strength, seed)


def _still_seen(
    clip: Clip, strength: float, seed: int, *, path: Callable[[Clip, float, int], Path]
) -> Clip:
    return path(clip, strength, seed).over(still(clip, 1.0, seed))


def _everything(clip: Clip, strength: float, seed: int) -> Clip:
    path = zooming(clip, _drawn(_ZOOM, seed) * strength)
    path = path.then(panning(clip, _PAN * strength, seed))
    path = path.then(shaking(clip, _SHAKE * strength, seed))
    return grained(path.over(still(clip, 1.0, seed)), _GRAIN * strength, seed)


def _sprite(clip: Clip, strength: float, seed: int) -> Clip:
    return with_sprite(still(clip, 1.0, seed), _drawn(strength, seed), seed)


def live_patch(clip: Clip, strength: float, seed: int) -> Clip:
    """Return a still with a window of the clip, where it moves most or, by seed, anywhere."""
    size = clip.shape
    share = min(1.0, _drawn(_PATCH, seed) * strength)
    height, width = round(share * size.height), round(share * size.width)
    if seed:
        rng = np.random.default_rng(seed)
        top = int(rng.integers(size.height - height + 1))
        left = int(rng.integers(size.width - width + 1))
    else:
        top, left = _liveliest(clip, height, width)
    held = still(clip, 1.0, seed)
    window = np.s_[:, top : top + height, left : left + width]

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        frames[window] = clip.take(numbers)[window]
        return frames

    return Changed(held, apply)


def _liveliest(clip: Clip, height: int, width: int) -> tuple[int, int]:
    """Return top and left of the window that changes most over some frames."""
    numbers = np.linspace(0, clip.shape.frames - 1, _SAMPLES).astype(np.intp)
    spread = clip.take(numbers).astype(np.float32).std(axis=0).sum(axis=-1)
    total = np.pad(spread.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = (
        total[height:, width:] - total[:-height, width:]
        - total[height:, :-width] + total[:-height, :-width]
    )  # fmt: skip
    top, left = np.unravel_index(int(inside.argmax()), inside.shape)
    return int(top), int(left)


def slides(clip: Clip, strength: float, seed: int) -> Clip:
    """Return stills of the clip, each for three seconds, with dissolves of one second."""
    size = clip.shape
    length = max(2, round(min(_drawn(_SLIDE, seed) * strength, size.seconds / 2) * size.fps))
    fade = min(max(1, round(_DISSOLVE * size.fps)), length - 1)
    number = np.arange(size.frames)
    slide, place = number // length, number % length
    first = np.minimum(slide * length + length // 2, size.frames - 1)
    second = np.minimum(first + length, size.frames - 1)
    return Blended(clip, first, second, np.clip((place - (length - fade)) / fade, 0, 1))


def palindrome(clip: Clip, strength: float, seed: int) -> Clip:
    """Return three seconds of the clip played there and back."""
    size = clip.shape
    turn = max(1, round(_pass(clip, _TURN, strength, seed) * size.fps))
    return Reordered(clip, turn - np.abs(np.arange(size.frames) % (2 * turn) - turn))


def looped(clip: Clip, strength: float, seed: int) -> Clip:
    """Return four seconds of the clip in a loop, with a dissolve at each wrap."""
    period = _pass(clip, _PERIOD, strength, seed)
    return timing.loop(clip, 1.0, start=_FADE, period=period, fade=_FADE)


def _zoomed(clip: Clip, strength: float, seed: int, *, base: Make, rate: float) -> Clip:
    return zooming(clip, _drawn(rate, seed) * strength).over(base(clip, 1.0, seed))


def _lit(
    clip: Clip, strength: float, seed: int, *, base: Make, rates: tuple[float, float, float]
) -> Clip:
    red, green, blue = (strength * rate for rate in rates)
    return lit(base(clip, 1.0, seed), (red, green, blue), _PERIOD)


def _slow(clip: Clip, strength: float, seed: int) -> Clip:
    return timing.slow_motion(clip, 3.0 * _drawn(strength, seed), start=0.0, seed=seed)


class _Averaged(Clip):
    """A clip whose frames are means over a window of frames."""

    def __init__(self, clip: Clip, reach: int) -> None:
        self._clip, self._reach, self.shape = clip, reach, clip.shape

    def take(self, numbers: Numbers) -> Pictures:
        near = numbers[:, None] + np.arange(-self._reach, self._reach + 1)
        near = np.clip(near, 0, self.shape.frames - 1)
        read, where = np.unique(near, return_inverse=True)
        frames = self._clip.take(read)
        means = [frames[rows].mean(axis=0, dtype=np.float32) for rows in where.reshape(near.shape)]
        return np.asarray(np.rint(np.stack(means)), np.uint8)


def _low_pass(clip: Clip, strength: float, seed: int) -> Clip:
    seconds = min(_drawn(_LOW_PASS, seed) * strength, clip.shape.seconds / 2)
    return _Averaged(clip, max(1, round(seconds * clip.shape.fps / 2)))


def pure_noise(clip: Clip, strength: float, seed: int) -> Clip:
    """Return frames of white noise around grey."""

    def apply(frames: Pictures, numbers: Numbers) -> Pictures:
        grey = np.full_like(frames[0], 128)
        for i, number in enumerate(numbers):
            frames[i] = changes.noise(grey, 50.0 * strength, (seed, int(number)))
        return frames

    return Changed(clip, apply)


def _copied(clip: Clip, strength: float, seed: int) -> Clip:
    return clip


def _variants(name: str, title: str, base: Make, zoom: float) -> tuple[Cheat, ...]:
    tint = (_GAIN, 0.0, -_GAIN)
    return (
        Cheat(f"{name}_zoom", f"{title}, zoomed", partial(_zoomed, base=base, rate=zoom)),
        Cheat(f"{name}_gain", f"{title}, brighter with each pass",
              partial(_lit, base=base, rates=(_GAIN, _GAIN, _GAIN))),
        Cheat(f"{name}_tint", f"{title}, warmer with each pass",
              partial(_lit, base=base, rates=tint)),
    )  # fmt: skip


def _zoom(clip: Clip, strength: float, seed: int, *, rate: float = _ZOOM) -> Path:
    return zooming(clip, _drawn(rate, seed) * strength)


def _pan(clip: Clip, strength: float, seed: int) -> Path:
    return panning(clip, _drawn(_PAN, seed) * strength, seed)


def _shake(clip: Clip, strength: float, seed: int) -> Path:
    return shaking(clip, _drawn(_SHAKE, seed) * strength, seed)


_ALL = (
    Cheat("still", "Still", still),
    *(
        Cheat(f"still_grain_{n}", f"Still with grain of sd {n}",
              partial(_still_grain, deviation=float(n)))
        for n in range(1, 6)
    ),
    Cheat("still_shake", "Still, shaken", partial(_still_seen, path=_shake)),
    Cheat("still_zoom", "Still, zoomed by 0.4 %/s", partial(_still_seen, path=_zoom)),
    Cheat("still_zoom_fast", "Still, zoomed by 1 %/s",
          partial(_still_seen, path=partial(_zoom, rate=_FAST_ZOOM))),
    Cheat("still_pan", "Still, panned", partial(_still_seen, path=_pan)),
    Cheat("still_all", "Still with grain, shake, zoom and pan", _everything),
    Cheat("sprite", "Still with a small sprite", _sprite),
    Cheat("live_patch", "Still with a live window", live_patch),
    Cheat("slides", "Slides with dissolves", slides),
    Cheat("palindrome", "Palindrome", palindrome),
    *_variants("palindrome", "Palindrome", palindrome, _FAST_ZOOM),
    Cheat("loop_cheat", "Loop", looped),
    *_variants("loop", "Loop", looped, _ZOOM),
    Cheat("slow_motion_4", "Slow motion, four times", _slow),
    Cheat("low_pass", "Mean over half a second", _low_pass),
    Cheat("pure_noise", "Noise", pure_noise),
    Cheat("copied", "A real clip, copied", _copied),
)  # fmt: skip

CHEATS: Mapping[str, Cheat] = MappingProxyType({cheat.name: cheat for cheat in _ALL})
