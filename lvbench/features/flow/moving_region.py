"""Follow the region of a video that moves against the camera: the subject, found by motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.camera import PlaneMotion, choose_camera, smoothed
from lvbench.features.flow.warp import Float, sample

Mask = NDArray[np.bool_]

_EVIDENCE = 4.0  # Grey levels by which the pixel's own motion must explain it better.
_WEAK = 1.0  # The same, in the worse of the two directions.
_SPEED = 0.02  # Diagonals per second against the camera.
_RELATIVE = 0.3  # Of the camera's own motion at that place: less counts as depth.
_FASTEST_STEADY = 0.04  # Diagonals per second: a faster camera makes parallax ...
_DEPTH = 0.1  # ... and where more of the picture than this moves against it then, it is parallax.
_TRUSTED = 0.3  # Share of consistent flow below which two frames are of different pictures.
_SMALLEST = 0.002  # Share of the picture.
_REACH = 0.3  # Of the seed's size.
_FEWEST_COLOURS = 20  # Pixels on each side: five Gaussians must be fitted to them.
_LEAST, _MOST = 0.3, 3.0  # Times the seed's area: beyond it colours do not separate the region.
_PART = 0.8  # Less than this of the region moving: a part of it moves, the rest is still.


@dataclass(frozen=True, slots=True)
class Motion:
    """Describe what moves at a moment.

    Attributes:
        camera: The camera's motion from this frame to the next.
        explained: Share of the picture that it explains.
        mask: bool `(h, w)`: what moves against it, cleaned.
        separable: Whether such motion can be separated; the mask is empty where it cannot.
    """

    camera: PlaneMotion
    explained: float
    mask: Mask
    separable: bool


def moving_parts(
    gray: NDArray[np.uint8],
    flows: tuple[Float, Float],
    consistent: tuple[Mask, Mask],
    seconds: tuple[float, float],
) -> Motion:
    """Return what moves against the camera in the middle one of three frames.

    A pixel counts where its flow differs from the camera's (in diagonals per second, and
    relative to the camera's own motion there) and where the flow explains the other frame better
    than the camera does: in flat areas around a subject flow spreads, evidence does not. Both must
    hold towards the frame before and the frame after: what is about to be covered differs in
    the one, what has just been uncovered in the other, the subject in both.

    A camera that travels through a scene with depth makes everything move against the plane that
    was fitted; where much moves while the camera is fast, nothing can be separated and the mask
    is empty. The same applies where flow cannot follow at all (a cut).

    Args:
        gray: Reduced luma `(3, h, w)`: before, now, after.
        flows: Pixels from now to before and from now to after, float32 `(h, w, 2)` each.
        consistent: Where they can be trusted, bool `(h, w)` each.
        seconds: Time to the frame before and to the frame after.
    """
    smooth = [smoothed(frame) for frame in gray]
    back = _against(smooth[1], smooth[0], flows[0], consistent[0], seconds[0])
    ahead = _against(smooth[1], smooth[2], flows[1], consistent[1], seconds[1])
    explained = min(back.explained, ahead.explained)
    separable = back.separable and ahead.separable
    weakest, both = np.minimum(back.gain, ahead.gain), back.gain + ahead.gain
    moves = (weakest > _WEAK) & (both > 2 * _EVIDENCE) & (back.differs | ahead.differs)
    mask = _cleaned(moves) if separable else np.zeros_like(moves)
    return Motion(ahead.camera, explained, mask, separable)


@dataclass(frozen=True, slots=True)
class _Against:
    camera: PlaneMotion
    explained: float
    differs: Mask
    gain: Float
    separable: bool


def _against(now: Float, other: Float, flow: Float, consistent: Mask, seconds: float) -> _Against:
    """Return the evidence of one pair, and whether it is usable."""
    import cv2

    camera = choose_camera(now, other, flow, consistent)
    shift = camera.flow()
    unit = np.float32(np.hypot(*now.shape) * seconds)
    against = np.hypot(*np.moveaxis(flow - shift, -1, 0))
    own = np.hypot(*np.moveaxis(shift, -1, 0))
    differs = against > np.maximum(np.float32(_SPEED) * unit, np.float32(_RELATIVE) * own)
    gain = np.abs(now - sample(other, shift)) - np.abs(now - sample(other, flow))
    gain = np.asarray(cv2.blur(gain, (5, 5)))
    evidence = differs & (gain > _EVIDENCE)
    fast = float(np.median(own)) > _FASTEST_STEADY * unit
    separable = bool(consistent.mean() > _TRUSTED and not (fast and evidence.mean() > _DEPTH))
    return _Against(camera, float((consistent & ~differs).mean()), differs, gain, separable)


class RegionTracker:
    """Keep one region over a video: the largest that moves, carried on by flow when it stops.

    Mostly a part moves (an arm, a wing, the edges of a plain coat): the region is grown and
    trimmed to what looks like it.
    """

    def __init__(self) -> None:
        # The moving part, and the region that looks like it: the look is taken from motion each
        # time, or it would spread from frame to frame.
        self._seed: Mask | None = None
        self._whole: Mask | None = None

    def update(
        self, mask: Mask, picture: NDArray[np.uint8], back: Float | None, consistent: Mask | None
    ) -> Mask | None:
        """Return the region now, or None where there is none.

        Args:
            mask: The motion against the camera now, bool `(h, w)`.
            picture: RGB of the same size, or larger.
            back: Flow from now to the last call's frame; None at the first.
            consistent: Where that flow can be trusted.
        """
        carried = _carried(self._seed, back, consistent)
        whole = _carried(self._whole, back, consistent)
        moving = _best_component(mask, carried)
        seed = carried if moving is None else _merge(moving, carried)
        if seed is not carried or whole is None:
            whole = None if seed is None else _refined(seed, picture)
        self._seed, self._whole = seed, whole
        return whole


def _carried(region: Mask | None, back: Float | None, consistent: Mask | None) -> Mask | None:
    """Return where a region is now; None where too little of it can be followed."""
    if region is None or back is None or consistent is None:
        return None
    carried = _cleaned((sample(region.astype(np.float32), back) > 0.5) & consistent)
    enough = max(_SMALLEST * carried.size, 0.4 * region.sum())
    return carried if carried.sum() >= enough else None


def _merge(moving: Mask, carried: Mask | None) -> Mask:
    if carried is None:
        return moving
    if not (moving & carried).any():
        return moving if moving.sum() > 2 * carried.sum() else carried
    return moving if moving.sum() >= _PART * carried.sum() else moving | carried


def _refined(seed: Mask, picture: NDArray[np.uint8]) -> Mask:
    """Return the area near the seed that looks like it and unlike its surroundings.

    Source: Rother et al., GrabCut, SIGGRAPH 2004; OpenCV's implementation, two rounds, the seed as
    probable foreground, farther away than a third of its size as background.
    """
    import cv2

    height, width = seed.shape
    size = (max(8, width // 2), max(8, height // 2))
    small = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    inside = cv2.resize(seed.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    rows, columns = np.nonzero(inside)
    reach = max(2, round(_REACH * max(np.ptp(rows), np.ptp(columns))))
    near = cv2.dilate(inside.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    if min(inside.sum(), near.size - inside.sum()) < _FEWEST_COLOURS:
        return seed
    labels = np.where(inside, cv2.GC_PR_FGD, np.where(near, cv2.GC_PR_BGD, cv2.GC_BGD))
    labels = labels.astype(np.uint8)
    cv2.setRNGSeed(0)  # Its clustering draws from OpenCV's own generator.
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, labels, (0, 0, 1, 1), *models, 2, cv2.GC_INIT_WITH_MASK)
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    best = _best_component(_cleaned(whole), seed)
    if best is None or not _LEAST * seed.sum() <= best.sum() <= _MOST * seed.sum():
        return seed
    return best


def _best_component(mask: Mask, carried: Mask | None) -> Mask | None:
    """Return the largest connected part.

    One on the carried region counts threefold; one at the picture's border, where depth moves
    most, a quarter. A part from the left border to the right is ground or sky.
    """
    import cv2

    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    if count < 2:
        return None
    area = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    area[0] = 0
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    wanted = area.copy()
    wanted[np.unique(border)] /= 4
    area[np.intersect1d(labels[:, 0], labels[:, -1])] = 0
    if carried is not None:
        wanted[np.unique(labels[carried])] *= 3
        wanted[0] = 0
    best = int(np.argmax(wanted * (area > 0)))
    return labels == best if area[best] >= _SMALLEST * mask.size else None


def _cleaned(mask: Mask) -> Mask:
    """Close gaps of up to 4 % of the diagonal, fill holes, drop specks."""
    import cv2

    height, width = mask.shape
    diagonal = float(np.hypot(height, width))
    reach = max(1, round(0.02 * diagonal))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    speck = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    # The border must not count as set or unset: it is closed with room around it.
    raw: Any = np.pad(mask.astype(np.uint8), 2 * reach)
    raw = cv2.morphologyEx(raw, cv2.MORPH_OPEN, speck)
    raw = cv2.morphologyEx(raw, cv2.MORPH_CLOSE, disc)
    outlines, _ = cv2.findContours(raw, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(raw)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    inner = filled[2 * reach : 2 * reach + height, 2 * reach : 2 * reach + width]
    return np.asarray(inner > 0)
