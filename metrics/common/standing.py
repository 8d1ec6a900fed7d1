"""What stands in a scene and is another from one sight to the next, with nothing passing by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.grid_masks import connected, grown

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Colours = NDArray[np.floating]

_SETTLED = 4  # Sights in a row from which a place is steady: 2 s.
_BETWEEN = 1  # Sights that a change may take.
_LEAST, _MOST = 12.0, 24.0  # Levels by which a place must change; more where the scene is restless.
_RESTLESS = 4.0  # Times the median change.
_FULL = 64.0  # Levels from which a change of colour counts in full.
_RECENT = 2  # Sights for which a change belongs to one next to it.
_WHOLE = 0.7  # Share of a changing patch that must change at once.
_HALF = 0.5  # Share of a patch by which something must pass to explain its change.
_PATCH = 12  # Connected places that make up an object.
_CLIPPED = 250.0  # Levels from which the light cannot be read.
_FEWEST = 24  # Places that a light is fitted to.
_ROUNDS = 4
_SPREAD = 3.0  # Levels of change that any coding makes.
_PRIOR = 200.0  # Variance per place, in levels squared, by which a light is taken to be the same.
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Light:
    """How one light makes the colours of another.

    Attributes:
        middle: Luma about which the gain is.
        luma: Gain and offset of luma.
        tint: Factor of the colour difference (a complex number: how it turns and grows), its
            growth with luma, and its offset.
    """

    middle: float = 0.0
    luma: NDArray[np.inexact] = field(default_factory=lambda: np.array([1.0, 0.0]))
    tint: NDArray[np.inexact] = field(default_factory=lambda: np.array([1.0, 0.0, 0.0]))

    def __call__(self, colours: Floats) -> Floats:
        """Return colours RGB `(k, 3)` in this light."""
        y, z = _opposed(colours)
        luma = self.luma[0] * (y - self.middle) + self.luma[1]
        return _rgb(luma, self.tint[0] * z + self.tint[1] * (y - self.middle) + self.tint[2])


def light_between(before: Floats, now: Floats, used: Mask) -> tuple[Light, float]:
    """Return the light of a picture seen from another's, and the usual error in levels.

    It is the same for all places, and fitted so that a minority of them, which changed by
    themselves, hardly counts. With too few places the light is taken to be the same.

    Args:
        before: RGB `(k, 3)`.
        now: RGB of the same places in the other light, `(k, 3)`.
        used: bool `(k,)`: the places that the light is fitted to.
    """
    used = used & (np.maximum(before, now).max(axis=1) < _CLIPPED)
    if used.sum() < _FEWEST:
        return Light(), _SPREAD
    (y, z), (luma, tint) = _opposed(before[used]), _opposed(now[used])
    middle = float(y.mean())
    ones = np.ones_like(y)
    for_luma = np.stack([y - middle, ones], axis=1)
    for_tint = np.stack([z, y - middle, ones], axis=1)
    gain = np.array([1.0, np.median(luma - y) + middle])
    turn = np.array([1.0, 0.0, np.median((tint - z).real) + 1j * np.median((tint - z).imag)])
    spread = _SPREAD
    for _ in range(_ROUNDS):
        error = np.hypot(luma - for_luma @ gain, np.abs(tint - for_tint @ turn))
        spread = max(_SPREAD, 1.4826 * float(np.median(error)))
        weight = spread / np.maximum(error, spread)
        gain = _fitted(for_luma, luma, weight, np.array([1.0, 0.0]))
        turn = _fitted(for_tint, tint, weight, np.array([1.0, 0.0, 0.0]))
    return Light(middle, gain, turn), spread


def _fitted(
    given: NDArray[np.inexact], wanted: NDArray[np.inexact], weight: Floats, prior: Floats
) -> NDArray[np.inexact]:
    """Return the weighted least squares, all but the last coefficient drawn to a prior."""
    hold = np.full(given.shape[1], _PRIOR * weight.size)
    hold[-1] = 0
    weighted = given.conj().T * weight
    return np.asarray(
        np.linalg.solve(weighted @ given + np.diag(hold), weighted @ wanted + hold * prior)
    )


def _opposed(colours: Floats) -> tuple[Floats, NDArray[np.complex128]]:
    """Return luma, and red and blue less luma as one complex number."""
    luma = colours @ _LUMA
    return luma, (colours[:, 0] - luma) + 1j * (colours[:, 2] - luma)


def _rgb(luma: NDArray[np.inexact], tint: NDArray[np.inexact]) -> Floats:
    red, blue = tint.real + luma, tint.imag + luma
    green = (luma - _LUMA[0] * red - _LUMA[2] * blue) / _LUMA[1]
    return np.asarray(np.clip(np.stack([red, green, blue], axis=1).real, 0.0, 255.0))


class Standing:
    """Remember the colour of each place of a view, and find what is replaced there.

    A place was steady for four sights, is another within one sight, and is steady again for four.
    Whatever arrives or leaves by itself moves there visibly, and takes place after place.

    Args:
        colours: RGB of the places, `(h, w, 3)`.
    """

    def __init__(self, colours: Colours) -> None:
        self._shape = colours.shape[:2]
        places = colours.shape[0] * colours.shape[1]
        self._colour = colours.reshape(places, 3).astype(np.float64)
        self._next = self._colour.copy()
        self._held = np.zeros(places, np.int64)
        self._missed = np.zeros(places, np.int64)
        self._steady = np.zeros(places, np.int64)
        self._passed = np.zeros(places, np.bool_)  # Something passed by when it changed.
        self._since_passed = np.full(places, _SETTLED)
        self._explained = np.zeros(places, np.bool_)  # As `_passed`, of the last change.
        self._leaving = np.zeros(places, np.bool_)  # May turn out to be replaced.
        self._strength = np.zeros(places)  # Of the last change.
        self._age = np.full(places, _RECENT + 1)  # Sights since that change was settled.

    def see(self, colours: Colours, seen: Mask, covered: Mask) -> float:
        """Take the next sight; return the share of the places in sight that were replaced.

        Args:
            colours: RGB `(h, w, 3)` of the view's places now.
            seen: bool `(h, w)`: places in sight, with nothing in front.
            covered: bool `(h, w)`: places in sight that something covers.
        """
        now, there = colours.reshape(-1, 3).astype(np.float64), seen.ravel()
        known = there & (self._missed == 0)
        light, spread = light_between(self._colour, now, known)
        here, self._next = light(self._colour), light(self._next)
        least = float(np.clip(_RESTLESS * spread, _LEAST, _MOST))
        apart = _apart(now, here)
        same = there & (apart < least)
        other = there & ~same
        near = np.maximum(least, apart / 2)  # Nearer to what it has become than to what it was.
        again = other & (self._missed > 0) & (_apart(now, self._next) < near)
        self._count(same, other, again, covered)
        settled = other & (self._steady >= _SETTLED)
        at_once = (self._missed - self._steady <= _BETWEEN) & (self._held >= _SETTLED)
        sudden = settled & at_once
        self._strength[sudden] = np.minimum(1.0, apart[sudden] / _FULL)
        self._explained[sudden] = self._passed[sudden]
        self._age = np.where(sudden, 0, self._age + 1)
        self._colour = np.where((same | settled)[:, None], now, here)
        self._next = np.where(there[:, None], now, self._next)
        self._leaving = other & ~settled & at_once & (self._missed > _RECENT)
        self._held[settled] = _SETTLED
        self._held[settled & ~sudden] = 0
        self._missed[settled] = self._steady[settled] = 0
        return self._share(there)

    def _count(self, same: Mask, other: Mask, again: Mask, covered: Mask) -> None:
        """Count for how many sights each place is what it was, is not, and is the same other."""
        self._steady = np.where(again, self._steady + 1, np.where(other, 1, self._steady))
        self._missed += other
        self._held = np.where(same & (self._missed > 0), 1, self._held + same)
        over = same | covered.ravel()  # A run of sights that was not seen as a whole.
        self._missed[over] = self._steady[over] = 0
        self._since_passed = np.where(grown(covered).ravel(), 0, self._since_passed + 1)
        passed = (self._since_passed <= _BETWEEN) & (self._missed <= 1 + _BETWEEN)
        self._passed = ~same & (self._passed | (other & passed))

    def _share(self, there: Mask) -> float:
        """Return the share of what changed as a whole: a sweep changes place after place."""
        just = (self._age <= _BETWEEN).reshape(self._shape)
        around = ((self._age <= _RECENT) | self._leaving).reshape(self._shape)
        strength = self._strength.reshape(self._shape)
        total = 0.0
        for patch in connected(around) if just.any() else ():
            own = patch & just
            whole = own.sum() >= max(_PATCH, _WHOLE * patch.sum())
            if whole and self._explained[own.ravel()].mean() < _HALF:
                total += float(strength[own].sum())
        return total / max(1, int(there.sum()))


def _apart(a: Floats, b: Floats) -> Floats:
    """Return the distance of colours in levels, the root mean square over the three."""
    return np.asarray(np.sqrt(np.square(a - b).mean(axis=1)))
