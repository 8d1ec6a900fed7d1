"""The parts of a subject, and what of them a picture still shows, wherever they are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.grid_masks import connected, grown, shrunk

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

MOST_PARTS = 96
_MOST_AROUND = 400  # Places of the surroundings of one sight.
_HALF = 0.5  # Share of a cell from which it moves, or is of the region.
_INSIDE = 0.6  # Share of a cell in the region from which it is of the subject.
_FEWEST_INNER = 6  # Parts below which the region's rim counts too.
_COLOUR = 0.5  # Cosine that a difference of colours of length 1 costs.
_ENOUGH = 0.4  # Of the way from the surroundings' likeness to 1: from there a part is found.
_UNRELATED = 0.2  # Likeness that the best of many other places has by chance.
_LEAST_WEIGHT = 0.02
_RIM, _RING = 2, 10  # Cells from a subject between which its surroundings are.
_FEWEST_AROUND = 12  # Places of them, below which they are taken to be the same.
_SAME = 0.45  # Median likeness from which they are.


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture of a subject.

    Attributes:
        t: Its time.
        local: Unit descriptors of its places, `(h, w, d)`.
        hue: Direction of their colours, `(h, w, 2)`.
        region: Share of each cell in the subject, `(h, w)`.
        moves: Share of each cell that moves, `(h, w)`.
    """

    t: float
    local: Floats
    hue: Floats
    region: Floats
    moves: Floats

    def inside(self) -> Mask:
        """Return the cells of the subject alone.

        Without its rim, and of what moves itself, where there are enough of these: what resembles
        the moving part may be background.
        """
        own = self.region >= _INSIDE
        moving = own & (self.moves >= _INSIDE)
        masks = (shrunk(moving), shrunk(own), moving, own)
        found = [mask for mask in masks if mask.sum() >= _FEWEST_INNER]
        return np.asarray(found[0] if found else own)

    def around(self) -> Mask:
        """Return the cells that neither the subject nor its rim reaches."""
        return ~grown(np.maximum(self.region, self.moves) > 0, 2)

    def near(self) -> Mask:
        """Return the region with its rim."""
        return grown(self.region > 0)

    def box(self) -> NDArray[np.float64]:
        """Return left, top, right and bottom of the region, as shares of the picture."""
        height, width = self.region.shape
        rows, columns = np.nonzero(self.region > 0)
        low, high = (columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)
        return np.array([*low, *high]) / (width, height, width, height)

    def figures(self) -> list[Sight]:
        """Return a sight of each separate thing that moves, the largest first.

        The region stands for the one thing that moves in it, and for itself where nothing does.
        """
        region = self.region >= _HALF
        moving = [part for part in connected(self.moves >= _HALF) if part.sum() >= _FEWEST_INNER]
        within = sum(bool((part & region).any()) for part in moving)
        apart = [part for part in moving if within > 1 or not (part & region).any()]
        found = [np.asarray(self.moves * part) for part in apart]
        if within < 2 and region.any():
            found.append(self.region)
        found.sort(key=lambda shares: -float(shares.sum()))
        return [replace(self, region=shares) for shares in found]


class Parts:
    """Remember what a subject consists of, from its first sights.

    A part counts by how much it differs from the surroundings of those sights, and by how well it
    is found in the other ones: what is of the background, or was seen once, hardly counts.

    Args:
        sights: At least one, each with a region.
    """

    def __init__(self, sights: Sequence[Sight]) -> None:
        own = [sight.inside() for sight in sights]
        origin = np.concatenate([np.full(int(mask.sum()), k) for k, mask in enumerate(own)])
        chosen = _spread(len(origin), MOST_PARTS)
        self._origin = origin[chosen]
        self._local, self._hue = (
            np.concatenate([getattr(s, name)[m] for s, m in zip(sights, own, strict=True)])[chosen]
            for name in ("local", "hue")
        )
        self._floor = self._of_surroundings(sights)
        weight = 1 - self._floor
        if len(sights) > 1:
            weight = weight * self._found_again(sights)
        self._weight = np.maximum(weight, _LEAST_WEIGHT)

    def _of_surroundings(self, sights: Sequence[Sight]) -> Floats:
        """Return the likeness of each part to what most resembles it around the subject."""
        floor = np.full(len(self._local), _UNRELATED, np.float32)
        for sight in sights:
            local, hue = sight.local[sight.around()], sight.hue[sight.around()]
            some = _spread(len(local), _MOST_AROUND)
            if len(some):
                floor = np.maximum(floor, self._likeness(local[some], hue[some]).max(axis=1))
        return np.minimum(floor, 0.98)

    def _found_again(self, sights: Sequence[Sight]) -> Floats:
        """Return how well each part is found in the sights that it is not from, 0 to 1."""
        found = np.stack([self._found(sight, None)[0] for sight in sights])
        found[self._origin, np.arange(len(self._origin))] = 0
        again: Floats = found.sum(axis=0) / (len(sights) - 1)
        return again

    def _likeness(self, local: Floats, hue: Floats) -> Floats:
        """Return the likeness of each part to each of `n` places, `(k, n)`."""
        apart = np.linalg.norm(self._hue[:, None] - hue, axis=-1)
        return np.asarray(self._local @ local.T - _COLOUR * apart, np.float32)

    def _found(self, sight: Sight, where: Mask | None) -> tuple[Floats, NDArray[np.intp]]:
        """Return how well each part is found, 0 to 1, and in which of the looked-at cells."""
        there = np.ones(sight.region.shape, np.bool_) if where is None else where
        if not there.any():
            return np.zeros(len(self._local), np.float32), np.zeros(len(self._local), np.intp)
        likeness = self._likeness(sight.local[there], sight.hue[there])
        return self._share(likeness.max(axis=1)), likeness.argmax(axis=1)

    def _share(self, likeness: Floats) -> Floats:
        above = (likeness.T - self._floor) / (_ENOUGH * (1 - self._floor))
        return np.asarray(np.clip(above, 0, 1).T, np.float32)

    def found_in(self, sight: Sight, where: Mask | None = None) -> float:
        """Return the weighted share of the parts that a picture shows, 0 to 1.

        Args:
            sight: The picture.
            where: bool `(h, w)`: the places to look at; None for all.
        """
        return float(self._found(sight, where)[0] @ self._weight / self._weight.sum())

    @property
    def distinct(self) -> float:
        """Return the mean weight of the parts, 0 to 1: how much it differs from what is around."""
        return float(self._weight.mean())

    def box_in(self, sight: Sight) -> NDArray[np.float64]:
        """Return where most of the parts are: left, top, right, bottom, as shares of the picture.

        The group of neighbouring places that has the most of them counts, a tenth of them on each
        side left out.
        """
        share, cell = self._found(sight, None)
        height, width = sight.region.shape
        cell = cell[share >= 0.5] if (share >= 0.5).any() else cell
        count = np.bincount(cell, minlength=height * width)
        groups = connected(grown(count.reshape(height, width) > 0))
        best = max(groups, key=lambda group: int(count[group.ravel()].sum()))
        rows, columns = np.divmod(cell[best.ravel()[cell]], width)
        x, y = (columns + 0.5) / width, (rows + 0.5) / height
        low, high = (np.percentile(np.stack([x, y]), part, axis=1) for part in (10, 90))
        return np.concatenate([low, high])

    def compared_with_each_other(self, sights: Sequence[Sight]) -> list[float]:
        """Return the share of the other sights' parts that each of the first sights shows."""
        if len(sights) < 2:
            return []
        found = []
        for k, sight in enumerate(sights):
            others = self._weight * (self._origin != k)
            found.append(float(self._found(sight, None)[0] @ others / max(others.sum(), 1e-6)))
        return found

    def places(self, sight: Sight, least: float) -> int:
        """Return in how many separate places a picture shows at least a share of the parts."""
        height, width = sight.region.shape
        flat = sight.local.reshape(height * width, -1), sight.hue.reshape(-1, 2)
        alike = self._share(self._likeness(*flat)).max(axis=0).reshape(height, width) >= 1
        return sum(self.found_in(sight, part) >= least for part in connected(grown(alike)))


def place_stays(
    before: Sight, now: Sight, box: NDArray[np.float64], shift: NDArray[np.float64]
) -> bool:
    """Return whether what surrounds a box in one sight still does so in another.

    Args:
        before: The sight.
        now: A later one.
        box: Left, top, right, bottom, as shares of the picture, at `before`.
        shift: How far the scene has moved right and down since, as shares of the picture.
    """
    height, width = before.region.shape
    top, bottom = np.arange(height) / height, (np.arange(height) + 1) / height
    left, right = np.arange(width) / width, (np.arange(width) + 1) / width
    within = np.outer((bottom > box[1]) & (top < box[3]), (right > box[0]) & (left < box[2]))
    ring = grown(within, _RING) & ~grown(within, _RIM) & before.around()
    moved = np.round(np.asarray(shift)[::-1] * (height, width)).astype(np.intp)
    there = np.argwhere(ring) + moved
    inside = ((there >= 0) & (there < (height, width))).all(axis=1)
    there = there[inside]
    free = now.around()[there[:, 0], there[:, 1]]
    there = there[free]
    if len(there) < _FEWEST_AROUND:
        return True
    was, hue = (getattr(before, name)[ring][inside][free] for name in ("local", "hue"))
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    found = []
    for step in steps:
        rows, columns = np.clip(there + step, 0, np.array((height, width)) - 1).T
        apart = np.linalg.norm(hue - now.hue[rows, columns], axis=1)
        alike = (was * now.local[rows, columns]).sum(axis=1) - _COLOUR * apart
        found.append(float(np.median(alike)))
    return max(found) >= _SAME


def _spread(given: int, most: int) -> NDArray[np.intp]:
    """Return up to `most` of the indices of `given`, evenly spread."""
    return np.unique(np.linspace(0, given - 1, min(given, most)).astype(np.intp))
