"""`structure_change`: what of a picture the pictures around it do not explain, camera removed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features, reduced_by_area
from lvbench.features.flow.registration import (
    Matrix,
    Structure,
    blurred,
    chained,
    inverse,
    moved,
    register,
    structure,
)
from lvbench.features.flow.warp import Float
from lvbench.stats.quantiles import median
from lvbench.video.frames import Frames, Products

LAG = 4
"""Samples between a picture and those that it is compared with."""
_STEPS = (1, 2, LAG)
_LONG_SIDE = 160
_CELL = 8
_SIGMAS = (1.25, 5.0)
_NOISE_IN_BAND = 0.054  # Variance of white noise in the band, relative to that above 1 pixel.
_QUIET = 0.25  # Share of the cells that are taken to hold noise alone.
_FLOOR = 4.0  # Levels squared of structure, below which no change is measurable.
_SEEN = 0.5
_ROUNDS = 4
_LEAST_SCALE = 0.3  # Levels.
_DIFFERENT = 2.0  # Levels by which two pictures differ somewhere.
_FEWEST = 16


class StructureChange(Extractor):
    """Compare sampled pictures with those before and after, aligned as pictures of one plane.

    The luma is reduced to 160 pixels and band-passed (Gaussians of 1.25 and 5 pixels), which
    leaves out grain, light and layout. A picture is predicted by `a A + b B`, where A and B are
    the pictures a second (4 samples) before and after it under the affine map that fits best, and
    a and b are two numbers for the complete picture, fitted robustly. So a pan, zoom, turn or shake
    of one picture is explained, and so are a fade, a dissolve (both mixtures) and a cut (one
    weight is 0); motion within the picture, parallax and what comes into being are not. Of what
    is left the part that white noise puts into the band is subtracted, from the finest detail of
    the quietest cells.

    Arrays for `n` sampled times:
        change: float32 `(n, rows, columns)`, 0..1: what is left, in each cell of about 8 x 8
            pixels, of the picture 4 samples before the time, from the pictures 4 before and
            after it; relative to the largest energy of the three in the cell (plus 4 levels
            squared). -1 where the three do not all show the cell, and in the first 8 samples.

    Args:
        rate: Sampled pictures per second.
    """

    def __init__(self, rate: float = 4.0) -> None:
        self.spec = ExtractorSpec(
            name="structure_change",
            version=1,
            products=Products(luma=True),
            preprocessing=f"luma-area-{_LONG_SIDE}",
            parameters={"rate": rate},
            rate=rate,
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of a clip that is given at once."""
        found = self.start(None)(frames)
        return dict(found.values)

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function that takes one video's pictures."""
        past: deque[_Sample] = deque(maxlen=2 * LAG + 1)

        def extract(frames: Frames) -> Features:
            assert frames.luma is not None
            changes = []
            for luma in reduced_by_area(frames.luma, _LONG_SIDE):
                past.append(_sample(luma.astype(np.float32), past))
                changes.append(_change(past))
            return Features(frames.pts, {"change": np.stack(changes)})

        return extract


@dataclass(frozen=True, slots=True)
class _Sample:
    """A picture, its finest detail, and the maps to earlier pictures, by samples between."""

    structure: Structure
    detail: Float
    back: dict[int, Matrix]


def _sample(luma: Float, past: deque[_Sample]) -> _Sample:
    found = structure(luma, _SIGMAS)
    back: dict[int, Matrix] = {}
    for lag in _STEPS:
        if lag > len(past):
            break
        # The map over two half lags is where the search for that over the lag begins.
        half = lag // 2
        guess = chained(back[half], past[-half].back[half]) if half else None
        back[lag] = register(found, past[-lag].structure, guess)
    return _Sample(found, luma - blurred(luma, 1.0), back)


def _change(past: deque[_Sample]) -> Float:
    """Return what is left of the middle picture of the past, by cell."""
    import cv2

    height, width = past[-1].detail.shape
    columns, rows = max(1, round(width / _CELL)), max(1, round(height / _CELL))
    if len(past) <= 2 * LAG:
        return np.full((rows, columns), -1, np.float32)
    first, middle, last = past[0], past[LAG], past[-1]
    maps = middle.back[LAG], inverse(last.back[LAG])
    bands = [
        _aligned(p.structure.fine[..., 0], m) for p, m in zip((first, last), maps, strict=True)
    ]
    bands.append(middle.structure.fine[..., 0])
    seen = np.isfinite(bands[0]) & np.isfinite(bands[1])
    if not seen.any():
        return np.full((rows, columns), -1, np.float32)
    weights = _mixture(*(band[seen] for band in bands))
    details = [_aligned(p.detail, m) for p, m in zip((first, last), maps, strict=True)]
    rest = bands[2] - weights[0] * bands[0] - weights[1] * bands[1]
    fine = middle.detail - weights[0] * details[0] - weights[1] * details[1]

    def mean(values: Float) -> Float:
        return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA))

    share = mean(seen.astype(np.float32))
    known = share > _SEEN
    inside = [np.where(seen, np.square(x), 0.0).astype(np.float32) for x in (*bands, rest, fine)]
    *energies, left, noise = (mean(x) / np.maximum(share, 1e-6) for x in inside)
    if not known.any():
        return np.full((rows, columns), -1, np.float32)
    grain = _NOISE_IN_BAND * np.quantile(noise[known], _QUIET)
    ratio = np.maximum(left - grain, 0) / (np.maximum.reduce(energies) + _FLOOR)
    return np.where(known, np.minimum(ratio, 1), -1).astype(np.float32)


def _aligned(picture: Float, matrix: Matrix) -> Float:
    return moved(np.ascontiguousarray(picture), matrix)


def _mixture(first: Float, last: Float, middle: Float) -> tuple[float, float]:
    """Return the weights of two pictures in the mixture that comes closest to the third.

    The sum of the weights follows from all of the picture, their difference from where the two
    pictures differ: most of it may be the same in both.
    """
    some = slice(None, None, 2)
    mean, apart, target = (first + last)[some] / 2, (first - last)[some], middle[some]
    differs = np.abs(apart) > _DIFFERENT
    if differs.sum() < _FEWEST:
        total = _slope(mean, target)
        return total / 2, total / 2
    # Least squares are exact for a mixture, and where something moves a beginning.
    total, skew = np.linalg.lstsq(np.stack([mean, apart], axis=1), target, rcond=None)[0]
    for _ in range(2):
        skew = _slope(apart[differs], (target - total * mean)[differs])
        total = _slope(mean, target - skew * apart)
    return float(total / 2 + skew), float(total / 2 - skew)


def _slope(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return the robust factor from x to y; Geman and McClure's weights."""
    weight, slope = np.ones_like(x), 0.0
    for _ in range(_ROUNDS):
        weighted = weight * x
        slope = float(weighted @ y) / (float(weighted @ x) + 1e-6)
        error = np.abs(y - slope * x)
        scale = 2 * max(_LEAST_SCALE, 1.5 * float(median(error)))
        weight = 1 / np.square(1 + np.square(error / scale))
    return slope
