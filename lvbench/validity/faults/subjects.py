"""Faults of what is in the picture: its subject, its background, a view that returns, its scenes.

A subject or an object that is known pixel by pixel is put on any clip by `lvbench.validity.stage`;
the clip with the untouched figure is the base of these faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lvbench.errors import UsageError
from lvbench.validity.clip import Clip, Numbers, Pictures
from lvbench.validity.faults.fault import Fault
from lvbench.validity.scenes import PartReplaced, Remapped, Tour, side_mask
from lvbench.validity.stage import Actor, Staged

_FADE = 0.25  # seconds in which a figure disappears or appears
_TINY = 1e-6
_BLEND = 0.05  # of the width over which a changed place meets its surroundings
_SCENES = 6  # variants of a remapped clip


def swapped(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Replace the figure: 1 changes its colours, 2 also its cloth, 3 also its body."""
    shares = tuple(float(np.clip(dose - part, 0, 1)) for part in range(3))

    def mix(time: float) -> tuple[float, float, float]:
        here = time >= start - _TINY
        return (shares[0] * here, shares[1] * here, shares[2] * here)

    return _recast(clip, lambda actor: (replace(actor, mix=mix),))


def morphed(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Turn the figure gradually into another, by the share `dose` at the end."""
    last = (clip.shape.frames - 1) / clip.shape.fps

    def mix(time: float) -> tuple[float, float, float]:
        share = dose * float(np.clip((time - start) / max(last - start, _TINY), 0, 1))
        return (share, share, share)

    return _recast(clip, lambda actor: (replace(actor, mix=mix),))


def gone(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Take the figure away for a share `dose` of the rest of the clip."""
    during = _during(clip, dose, start)
    return _recast(clip, lambda actor: (replace(actor, shown=lambda time: 1 - during(time)),))


def doubled(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Add a second copy of the figure for a share `dose` of the rest of the clip."""
    during = _during(clip, dose, start)

    def pair(actor: Actor) -> tuple[Actor, ...]:
        x, y = actor.centre
        place = (x - 0.24 if x >= 0.5 else x + 0.24, y - 0.03)
        return (replace(actor, centre=place, shown=during), actor)

    return _recast(clip, pair)


def background_swapped(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Replace a share `dose` of the background, from one side on, by another scene."""
    stage = _staged(clip)
    mask = side_mask(clip.shape.height, clip.shape.width, dose, seed)
    return stage.moved(PartReplaced(stage.scene, stage.elsewhere, mask, start))


def view_changed(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Replace a share `dose` of the place to which the camera returns by another scene.

    The place changes while it is out of sight and comes back into sight after 0.6 of the clip,
    whatever `start` is.
    """
    if not isinstance(clip, Tour):
        raise _needs("view", clip)
    mask = side_mask(clip.shape.height, clip.shape.width, dose, seed)
    # The scene continues unchanged to the right of home.
    mask = mask * np.minimum(np.linspace(1 / _BLEND, 0, clip.shape.width, dtype=np.float32), 1)
    return clip.changed(mask)


class Cuts(Clip):
    """A clip that is cut, at even distances, to other scenes that are made of it.

    Args:
        clip: The clip.
        cuts: Number of cuts.
        start: Second of the first.
    """

    def __init__(self, clip: Clip, cuts: int, start: float) -> None:
        self._clip, self.shape = clip, clip.shape
        self._scenes = [clip, *(Remapped(clip, k % _SCENES) for k in range(cuts))]
        length = (clip.shape.seconds - start) / max(cuts, 1)
        self.times = tuple(start + k * length for k in range(cuts))

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        scenes = np.searchsorted(self.times, numbers / self.shape.fps + _TINY, "right")
        pictures = self._clip.take(numbers)
        for scene in np.unique(scenes[scenes > 0]).tolist():
            here = scenes == scene
            pictures[here] = self._scenes[scene].take(numbers[here])
        return pictures


def cuts(clip: Clip, dose: float, *, start: float, seed: int) -> Clip:
    """Cut `dose` times to another scene, from `start` on, at even distances."""
    return Cuts(clip, round(dose), start)


def _during(clip: Clip, dose: float, start: float) -> Callable[[float], float]:
    """Return 1 for a share of the rest of the clip, 0 at other times, with short fades."""
    end = start + dose * (clip.shape.seconds - start)
    stays = end >= clip.shape.seconds - _TINY

    def share(time: float) -> float:
        ahead = (time - start) / _FADE
        left = 1.0 if stays else (end - time) / _FADE
        return float(np.clip(min(ahead, left), 0, 1))

    return share


def _recast(clip: Clip, change: Callable[[Actor], tuple[Actor, ...]]) -> Clip:
    stage = _staged(clip)
    *others, actor = stage.actors
    return stage.with_actors(*others, *change(actor))


def _staged(clip: Clip) -> Staged:
    if not isinstance(clip, Staged):
        raise _needs("subject", clip)
    return clip


def _needs(need: str, clip: Clip) -> UsageError:
    return UsageError(
        "plant a fault",
        found=f"a {type(clip).__name__}",
        where="the clip",
        fix=f"take lvbench.validity.stage.base(clip, {need!r})",
    )


_SUBJECT, _OBJECT, _VIEW = frozenset({"subject"}), frozenset({"object"}), frozenset({"view"})
_REST = "share of the rest"

SUBJECTS = {
    fault.name: fault
    for fault in (
        Fault("subject_swapped", "Subject replaced by another", "colours, cloth, body",
              (1, 2, 3), "step", swapped, 0.45, _SUBJECT),
        Fault("subject_morphed", "Subject turns into another", "share at the end",
              (0.33, 0.66, 1), "ramp", morphed, 0.0, _SUBJECT),
        Fault("subject_gone", "Subject disappears", _REST,
              (0.25, 0.5, 1), "step", gone, 0.4, _SUBJECT),
        Fault("subject_doubled", "Subject appears twice", _REST,
              (0.25, 0.5, 1), "step", doubled, 0.4, _SUBJECT),
        Fault("object_swapped", "Standing object replaced by another", "colours, cloth, body",
              (1, 2, 3), "step", swapped, 0.45, _OBJECT),
        Fault("background_swapped", "Background replaced", "share of the picture",
              (0.33, 0.66, 1), "step", background_swapped, 0.45, _SUBJECT),
        Fault("view_changed", "Place changed when the camera returns", "share of the view",
              (0.33, 0.66, 1), "step", view_changed, 0.6, _VIEW),
        Fault("cuts", "Cuts that nobody ordered", "cuts", (1, 2, 4), "step", cuts, 0.35),
    )
}  # fmt: skip
"""The faults of this family."""
