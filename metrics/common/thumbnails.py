"""Thumbnails of a video, compared with each other apart from light, gain and camera."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.registration import Structure, moved, register, structure

Float = NDArray[np.float64]
Single = NDArray[np.float32]
_SIGMAS = (1.0, 4.0)
_QUERIES, _BLOCK = 128, 2048
_SCALES = (1.0, 1.02, 1.05, 1 / 1.02, 1 / 1.05)
_AS_NEAR = 1.5


class Thumbnails:
    """Compare pictures of one video, band-passed.

    Args:
        pictures: uint8 `(n, rows, columns)`.
    """

    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        self._pictures = pictures
        self._last: dict[int, Structure] = {}

    def __len__(self) -> int:
        return len(self._pictures)

    def distance(self, k: int, j: int) -> float:
        """Return the mean squared difference of two pictures, aligned and of equal gain, levels.

        The alignment is an affine map; where it leaves less than half of the picture in common the
        difference is infinite.
        """
        first, second = self._structure(k), self._structure(j)
        x = first.fine[..., 0]
        y = moved(np.ascontiguousarray(second.fine[..., 0]), register(first, second))
        seen = np.isfinite(y)
        if 2 * seen.sum() < seen.size:
            return np.inf
        x, y = x[seen], y[seen]
        gain = float(x @ y) / (float(y @ y) + 1e-6)
        return float(np.square(x - np.clip(gain, 0.5, 2.0) * y).mean())

    def motion(self, step: int, window: int) -> Float:
        """Return how far pictures `step` apart differ, aligned, about each one, levels squared.

        The median over `window` pictures requires motion most of the time: neither a cut nor a
        flash in a still scene makes it move, nor does a pause in a moving one make it still.
        """
        n, stride = len(self), max(1, window // 5)
        if n <= step:
            return np.zeros(n)
        at = np.arange(step, n, stride)
        ahead = np.array([self.distance(k, k - step) for k in at])
        # The smaller of the change before and after a picture, as at a cut one of them is large.
        both = np.minimum(ahead, np.interp(at + step, at, ahead))
        return np.interp(np.arange(n), at, _running_median(both, 5))

    def candidates(self, stride: int, nearest: int) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Yield every `stride`-th number `k`, and which of `0 .. k - nearest` look most like it.

        Those are the pictures that are nearer to `k`, not aligned but at the best of a few zooms,
        than the ones around them, and their neighbours; the nearest one and all that come close
        to it.
        """
        numbers = np.arange(nearest, len(self), stride)
        for start in range(0, len(numbers), _QUERIES):
            some = numbers[start : start + _QUERIES]
            asked = [self._unit(some, scale) for scale in _SCALES]
            rows: list[Single] = []
            for j in range(0, int(some[-1]), _BLOCK):
                block = self._unit(np.arange(j, min(j + _BLOCK, len(self))))
                square = np.square(block).mean(axis=1)
                rows.append(np.minimum.reduce([_squared(query, block, square) for query in asked]))
            for k, along in zip(some, np.concatenate(rows, axis=1), strict=True):
                yield int(k), _dips(along[: k - nearest + 1])

    def _structure(self, k: int) -> Structure:
        if k not in self._last:
            if len(self._last) > 4 * _QUERIES:
                self._last.clear()
            self._last[k] = structure(self._pictures[k].astype(np.float32), _SIGMAS)
        return self._last[k]

    def _unit(self, numbers: NDArray[np.intp], scale: float = 1.0) -> Single:
        """Return coarse bands of root mean square 1, float32 `(n, pixels)`."""
        import cv2

        out = []
        height, width = self._structure(0).coarse.shape[:2]
        zoom = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, scale)
        for k in numbers:
            band = self._structure(int(k)).coarse[..., 0]
            if scale != 1:
                band = cv2.warpAffine(band, zoom, (width, height), borderMode=cv2.BORDER_REFLECT)
            out.append(band.ravel() / max(1.0, float(np.sqrt(np.square(band).mean()))))
        return np.asarray(out, np.float32)


def _squared(query: Single, block: Single, square: Single) -> Single:
    """Return the mean squared difference of each of `query` to each of `block`."""
    own = np.square(query).mean(axis=1)
    return np.asarray(own[:, None] + square - 2 / query.shape[1] * (query @ block.T), np.float32)


def _running_median(values: Float, window: int) -> Float:
    padded = np.pad(values, (window // 2, (window - 1) // 2), "edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, window)
    return np.asarray(np.median(view, axis=1))


def _dips(distance: Single) -> NDArray[np.bool_]:
    """Return where a distance is smallest among its neighbours, and close to the smallest."""
    padded = np.pad(distance, 2, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 5).min(axis=1)
    lowest = distance <= around
    lowest[-1] = False  # It goes on falling.
    if not lowest.any():
        return lowest
    lowest &= distance <= _AS_NEAR * distance[lowest].min() + 1e-3
    wide = np.pad(lowest, 1)
    return np.asarray(wide[:-2] | wide[1:-1] | wide[2:])
