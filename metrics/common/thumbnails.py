"""Thumbnails of a video, compared with each other apart from light, gain and camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.registration import (
    IDENTITY,
    Matrix,
    Structure,
    moved,
    register,
    structure,
)
from lvbench.metrics.common.picture_file import PictureFile

Float = NDArray[np.float64]
Single = NDArray[np.float32]
Half = NDArray[np.float16]
_SIGMAS = (1.0, 4.0)
_QUERIES, _AT_ONCE = 32, 512
_KEPT = 64  # Structures of pictures, 35 kB each.
_FINE, _LARGEST = 0.01, 0.2  # Steps and limit of a zoom that goes on, logarithm.
_UNMOVED = 0.25  # Pixels by which a map moves a corner, at most, when it is none.
_UNALIKE, _CODING = 9.0, 0.16  # Factor, and levels squared.
_SCALES = (1.0, 1.02, 1.05, 1 / 1.02, 1 / 1.05)
_AS_NEAR, _NEARER = 1.5, 0.75  # Times the smallest distance, and the median.
_UNRELATED = 0.5  # Distance of pictures that are no copies: 2 is that of chance, copies have 0.15.


class Thumbnails:
    """Compare pictures of one video, band-passed.

    Args:
        pictures: The pictures.
    """

    def __init__(self, pictures: PictureFile) -> None:
        self._pictures = pictures
        self._last: dict[int, Structure] = {}
        self._corner = np.array([*pictures.size[::-1], 1.0])
        self._zoom = 0.0  # Logarithm of the usual growth from a picture to the one before.

    def __len__(self) -> int:
        return len(self._pictures)

    def distance(self, k: int, j: int) -> float:
        """Return the mean squared difference of two pictures, aligned and of equal gain, levels.

        The alignment is an affine map; where it leaves less than half of the picture in common the
        difference is infinite.
        """
        return self._compared(k, j)[0]

    def unlike(self, k: int, j: int) -> float:
        """Return the difference as evidence that one is no copy of the other, levels squared.

        Where the alignment is none, no picture is resampled, and a copy differs by coding alone:
        what exceeds it counts more.
        """
        distance, matrix = self._compared(k, j)
        if np.abs(matrix - IDENTITY).dot(self._corner).max() > _UNMOVED:
            return distance
        return _UNALIKE * max(0.0, distance - _CODING)

    def _compared(self, k: int, j: int) -> tuple[float, Matrix]:
        first, second = self._structure(k), self._structure(j)
        matrix = register(first, second)
        x, y = first.fine[0], moved(second.fine[0], matrix)
        seen = np.isfinite(y)
        if 2 * seen.sum() < seen.size:
            return np.inf, matrix
        x, y = x[seen], y[seen]
        gain = float(x @ y) / (float(y @ y) + 1e-6)
        return float(np.square(x - np.clip(gain, 0.5, 2.0) * y).mean()), matrix

    def motion(self, step: int, window: int) -> Float:
        """Return how far pictures `step` apart differ, aligned, about each one, levels squared.

        The median over `window` pictures requires motion most of the time: neither a cut nor a
        flash in a still scene makes it move, nor does a pause in a moving one make it still.
        """
        n, stride = len(self), max(1, window // 3)
        if n <= step:
            return np.zeros(n)
        at = np.arange(step, n, stride)
        compared = [self._compared(k, k - step) for k in at.tolist()]
        ahead = np.array([distance for distance, _ in compared])
        growth = [np.log(np.linalg.det(matrix[:, :2])) / 2 for _, matrix in compared]
        self._zoom = float(np.median(growth)) / step
        # The smaller of the change before and after a picture, as at a cut one of them is large.
        both = np.minimum(ahead, np.interp(at + step, at, ahead))
        return np.interp(np.arange(n), at, _running_median(both, 3))

    def candidates(self, stride: int, nearest: int) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Yield every `stride`-th number `k`, and which of `0 .. k - nearest` look most like it.

        Those are the pictures that are nearer to `k`, not aligned but at the best of a few zooms,
        than the ones around them, and their neighbours; the nearest one and all that come close
        to it.
        """
        numbers = np.arange(nearest, len(self), stride)
        units = _Units.of(len(self), lambda k: self._structure(k).coarse[0])
        for start in range(0, len(numbers), _QUERIES):
            some = numbers[start : start + _QUERIES]
            part = slice(0, int(some[-1]))
            near = np.full((len(some), int(some[-1])), np.inf, np.float32)
            for scale in _SCALES:
                np.minimum(near, units.apart(some.tolist(), part, scale), out=near)
            for k, along in zip(some.tolist(), near, strict=True):
                distance = along[: k - nearest + 1]
                self._unzoom(k, distance, units)
                yield k, _dips(distance)

    def _unzoom(self, k: int, distance: Single, units: _Units) -> None:
        """Lower the distances of `k` to those without the zoom that goes on all the time."""
        first = len(self)
        if abs(self._zoom) * len(self) > _FINE:
            first = max(0, k - int(_LARGEST / abs(self._zoom)))
        numbers = np.arange(first, len(distance))
        bins = np.round(self._zoom * (k - numbers) / _FINE).astype(int)
        for number in np.unique(bins):
            some = slice(*(numbers[bins == number][[0, -1]] + (0, 1)))
            apart = units.apart([k], some, float(np.exp(number * _FINE)))[0]
            distance[some] = np.minimum(distance[some], apart)

    def _structure(self, k: int) -> Structure:
        if k not in self._last:
            if len(self._last) > _KEPT:
                self._last.clear()
            self._last[k] = structure(self._pictures[k].astype(np.float32), _SIGMAS)
        return self._last[k]


@dataclass(frozen=True, slots=True)
class _Units:
    """Bands of root mean square 1, or less where the picture has little contrast.

    Attributes:
        pictures: One row a picture, float16 `(n, pixels)`.
        square: Mean square of each, `(n,)`.
        norm: What each was divided by, `(n,)`.
        size: Height and width.
    """

    pictures: Half
    square: Single
    norm: Single
    size: tuple[int, int]

    @classmethod
    def of(cls, count: int, band: Callable[[int], Single]) -> _Units:
        """Take `count` bands, float32 `(h, w)`."""
        first = band(0)
        pictures = np.empty((count, first.size), np.float16)
        norm = np.empty(count, np.float32)
        for k in range(count):
            found = band(k)
            norm[k] = _norm(found)
            pictures[k] = (found / norm[k]).ravel()
        square = np.concatenate([_mean_square(part) for part in _parts(pictures)])
        height, width = first.shape
        return cls(pictures, square, norm, (height, width))

    def apart(self, queries: Sequence[int], block: slice, scale: float) -> Single:
        """Return the mean squared difference of each query, zoomed by `scale`, to each of `block`.

        Unrelated pictures have 2.
        """
        query = np.stack([self._zoomed(k, scale) for k in queries])
        own, start = _mean_square(query), 0
        pictures, square = self.pictures[block], self.square[block]
        out = np.empty((len(query), len(pictures)), np.float32)
        for part in _parts(pictures):
            these = slice(start, start := start + len(part))
            out[:, these] = own[:, None] + square[these] - 2 / query.shape[1] * (query @ part.T)
        return out

    def _zoomed(self, k: int, scale: float) -> Single:
        unit: Single = self.pictures[k].astype(np.float32)
        if scale == 1:
            return unit
        band = _zoomed(unit.reshape(self.size) * self.norm[k], scale)
        out: Single = band.ravel() / np.float32(_norm(band))
        return out


def _norm(band: Single) -> float:
    return max(1.0, float(np.sqrt(np.square(band).mean())))


def _zoomed(picture: Single, scale: float) -> Single:
    import cv2

    height, width = picture.shape
    zoom = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, scale)
    out = cv2.warpAffine(picture, zoom, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32)


def _mean_square(rows: Single) -> Single:
    return np.asarray(np.einsum("ij,ij->i", rows, rows) / rows.shape[1], np.float32)


def _parts(rows: Half) -> Iterator[Single]:
    """Yield the rows in parts, in the precision that sums need."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE].astype(np.float32)


def _running_median(values: Float, window: int) -> Float:
    padded = np.pad(values, (window // 2, (window - 1) // 2), "edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, window)
    return np.asarray(np.median(view, axis=1))


def _dips(distance: Single) -> NDArray[np.bool_]:
    """Return where a distance is smallest among its neighbours, and close to the smallest."""
    padded = np.pad(distance, 2, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 5).min(axis=1)
    lowest: NDArray[np.bool_] = distance <= around
    lowest[-1] = False  # It goes on falling.
    if not lowest.any():
        return np.asarray(lowest)
    limit = min(_AS_NEAR * distance[lowest].min(), _NEARER * float(np.median(distance)))
    lowest &= distance <= min(limit + 1e-3, _UNRELATED)
    wide = np.pad(lowest, 1)
    return np.asarray(wide[:-2] | wide[1:-1] | wide[2:])
