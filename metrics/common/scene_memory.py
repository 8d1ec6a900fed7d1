"""The views of a scene that a video has shown, and what is found of them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.grid_masks import grown

Floats = NDArray[np.float64]
Local = NDArray[np.float32]
Mask = NDArray[np.bool_]

MOST_VIEWS = 48
"""Views that are kept; then every second one of those between the first and the last is dropped."""
# Cosine up to which a place counts as lost, and from which it counts as found (mobilenet_v2):
# of other scenes, and of the same place under blur or noise.
_LOST, _FOUND = 0.2, 0.5
_REACH = 2  # Cells by which the camera's summed motion may be wrong.
_NEAR = 1  # Cells by which a place may be off.
_FEWEST = 12  # Places in sight, below which nothing is said.
_OTHER = 24.0  # Levels from which a place shows something else.
_AS_GOOD = 1.1  # Times the least error at which a smaller shift is taken.
_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


@dataclass(frozen=True, slots=True)
class Pose:
    """Describe where the camera is: how the content has moved since the start of the video.

    Attributes:
        x: To the right, in widths of the first view.
        y: Down, in heights of it.
        growth: Logarithm of how much it has grown.
    """

    x: float = 0.0
    y: float = 0.0
    growth: float = 0.0

    def moved(self, velocity: Floats, seconds: float) -> Pose:
        """Return the pose after some time.

        Args:
            velocity: `(>= 3,)` per second: right and down in widths and heights of the present
                picture, logarithm of growth.
            seconds: How long.
        """
        scale = float(np.exp(self.growth))
        right, down, growth = (float(part) * seconds for part in velocity[:3])
        return Pose(self.x + right / scale, self.y + down / scale, self.growth + growth)

    def since(self, earlier: Pose) -> Pose:
        """Return the motion since an earlier pose, in its own widths and heights."""
        scale = float(np.exp(earlier.growth))
        return Pose(
            (self.x - earlier.x) * scale,
            (self.y - earlier.y) * scale,
            self.growth - earlier.growth,
        )

    def overlap(self, earlier: Pose) -> float:
        """Return the overlap with an earlier picture, as a share of the larger one, 0 to 1.

        A turn about the line of sight is left out.
        """
        motion = self.since(earlier)
        side = float(np.exp(-motion.growth))  # Of the present view, in the earlier view's sides.
        shared = 1.0
        for shift in (motion.x, motion.y):
            low, high = max(-0.5, -shift - side / 2), min(0.5, -shift + side / 2)
            shared *= max(0.0, high - low)
        return shared / max(1.0, side * side)


@dataclass(frozen=True, slots=True)
class View:
    """One picture of the scene.

    Attributes:
        t: Its time.
        pose: Where the camera was.
        local: Unit descriptors of its places, `(h, w, d)`.
        known: Where the scene is seen, `(h, w)`.
        colour: RGB of its places and between them, `(2 h, 2 w, 3)`.
    """

    t: float
    pose: Pose
    local: Local
    known: Mask
    colour: Local


def scene_of(local: Local, covered: Local) -> tuple[Local, Mask]:
    """Return the descriptors of cells of twice the size, and where they are of the scene alone.

    Args:
        local: Unit descriptors `(h, w, d)`, `h` and `w` even.
        covered: `(h, w)`: share of each cell that the subject, or what else moves, covers.
    """
    height, width, depth = local.shape
    blocks = (height // 2, 2, width // 2, 2)
    mean = local.reshape(*blocks, depth).mean(axis=(1, 3))
    mean /= np.maximum(np.linalg.norm(mean, axis=-1, keepdims=True), 1e-6)
    taken = covered.reshape(blocks).max(axis=(1, 3)) > 0
    return np.asarray(mean, np.float32), ~grown(taken)


def compare(now: View, before: View, motion: Pose) -> float | None:
    """Return the share found of an earlier view; None where too little of it is in sight.

    Each place of the picture is looked up where the camera's motion puts it in the earlier view.
    That motion may be wrong by two cells, the same for all places; each place by one more.

    Args:
        now: The picture.
        before: The earlier view.
        motion: The camera's motion between the two.
    """
    reach = _REACH + _NEAR
    size = np.array(before.known.shape)
    mine = np.argwhere(now.known)
    centred = ((mine + 0.5) / now.known.shape - 0.5) * np.exp(-motion.growth)
    theirs = np.floor((centred - (motion.y, motion.x) + 0.5) * size).astype(np.intp)
    inside = ((theirs >= 0) & (theirs < size)).all(axis=1)
    mine, theirs = mine[inside], theirs[inside]
    if len(mine) < _FEWEST:
        return None
    flat = before.local.reshape(-1, before.local.shape[-1])
    cosines = now.local[mine[:, 0], mine[:, 1]] @ flat.T
    cosines[:, ~before.known.ravel()] = np.nan
    shifts = range(-reach, reach + 1)
    looked_up = np.full((len(shifts), len(shifts), len(mine)), np.nan)
    for i, down in enumerate(shifts):
        for j, right in enumerate(shifts):
            at = theirs + np.array((down, right))
            ok = np.flatnonzero(((at >= 0) & (at < size)).all(axis=1))
            looked_up[i, j, ok] = cosines[ok, at[ok] @ (size[1], 1)]
    return _best(looked_up, theirs, before.known)


def _best(looked_up: Floats, theirs: NDArray[np.intp], known: Mask) -> float | None:
    """Return the share found under the shift of all places that finds most of them."""
    side = looked_up.shape[0]
    seen = known[theirs[:, 0], theirs[:, 1]]
    if seen.sum() < _FEWEST:
        return None
    looked_up = np.nan_to_num(looked_up[:, :, seen], nan=-1.0)
    likeness = np.clip((looked_up - _LOST) / (_FOUND - _LOST), 0.0, 1.0)
    inner = likeness[_NEAR : side - _NEAR, _NEAR : side - _NEAR].mean(axis=2)
    i, j = np.unravel_index(int(np.argmax(inner)), inner.shape)
    near = likeness[i : i + 2 * _NEAR + 1, j : j + 2 * _NEAR + 1].max(axis=(0, 1))
    return float(near.mean())


def seen_again(now: View, before: View, motion: Pose) -> tuple[Local, Mask, Mask]:
    """Return the colours that an earlier view's places have now, where seen, where covered.

    The camera's motion may be wrong by the same reach as in `compare`; what fits luma best, less
    its median change, is taken.

    Args:
        now: The picture.
        before: The earlier view.
        motion: The camera's motion between the two.

    Returns:
        RGB `(2 h, 2 w, 3)`, and bool `(2 h, 2 w)` twice; a place out of sight is in neither.
    """
    height, width = before.colour.shape[:2]
    size = np.array((height, width))
    places = np.indices((height, width)).reshape(2, -1).T
    centred = ((places + 0.5) / size - 0.5 + (motion.y, motion.x)) * np.exp(motion.growth)
    mine = np.floor((centred + 0.5) * size).astype(np.intp)
    mine = mine + _offset(now.colour @ _LUMA, before.colour @ _LUMA, mine)
    inside = ((mine >= 0) & (mine < size)).all(axis=1)
    rows, columns = np.clip(mine, 0, size - 1).T
    known = now.known[rows // 2, columns // 2]
    seen, covered = ((mask & inside).reshape(height, width) for mask in (known, ~known))
    return now.colour[rows, columns].reshape(height, width, 3), seen, covered


def _offset(
    now: NDArray[np.floating], before: NDArray[np.floating], mine: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return by how many rows and columns the places' positions are wrong."""
    reach = 2 * (_REACH + _NEAR) - 1
    shifts = np.indices((2 * reach + 1,) * 2).reshape(2, -1).T - reach
    shifts = shifts[np.argsort(np.abs(shifts).sum(axis=1), kind="stable")]  # The least of equals.
    size = np.array(now.shape)
    some = slice(None, None, 7)  # A seventh of the places is enough.
    at = mine[some] + shifts[:, None]
    outside = ((at < 0) | (at >= size)).any(axis=2)
    rows, columns = np.moveaxis(np.clip(at, 0, size - 1), 2, 0)
    change = now[rows, columns] - before.ravel()[some]
    change[outside] = np.nan
    enough = (~outside).mean(axis=1) >= 0.5
    if not enough.any():
        return np.zeros(2, np.intp)
    about = np.abs(change[enough] - np.nanmedian(change[enough], axis=1, keepdims=True))
    error = np.nanmean(np.minimum(about, _OTHER), axis=1)
    return np.asarray(shifts[enough][int(np.argmax(error <= _AS_GOOD * error.min() + 0.1))])


def thinned(views: Sequence[View]) -> list[View]:
    """Return the views, every second one dropped where there are too many."""
    if len(views) <= MOST_VIEWS:
        return list(views)
    return [*views[:-1:2], views[-1]]
