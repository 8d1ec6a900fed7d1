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

LAGS = (1, 4)
"""Samples between a picture and those that it is compared with."""
_STEPS = (1, 2, 4)
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
_EVERY = 3  # Pixels of which one takes part in the fit of the mixture.


class StructureChange(Extractor):
    """Compare sampled pictures with those before and after, aligned as pictures of one plane.

    The luma is reduced to 160 pixels and band-passed (Gaussians of 1.25 and 5 pixels), which
    leaves out grain, light and layout. A picture is predicted by `a A + b B`, where A and B are
    the pictures a lag (1 or 4 samples) before and after it under the affine map that fits
    best, and a and b are two numbers for the complete picture, fitted robustly. So a pan, zoom,
    turn or shake of one picture is explained, and so are a fade, a dissolve (both mixtures) and a
    cut (one weight is 0); motion within the picture, parallax and what comes into being are not.
    Of what is left the part that white noise puts into the band is subtracted, from the finest
    detail of the quietest cells.

    Arrays for `n` sampled times:
        change: float32 `(n, 2, rows, columns)`, 0..1, by lag: what is left, in each cell of about
            8 x 8 pixels, of the picture a lag before the time, from the pictures a lag before and
            after it; relative to the largest energy of the three in the cell (plus 4 levels
            squared). -1 where the three do not all show the cell, and in the first two lags.

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
        past: deque[_Sample] = deque(maxlen=2 * LAGS[-1] + 1)

        def extract(frames: Frames) -> Features:
            assert frames.luma is not None
            changes = []
            for luma in reduced_by_area(frames.luma, _LONG_SIDE):
                past.append(_sample(luma.astype(np.float32), past))
                changes.append(np.stack([_change(past, lag) for lag in LAGS]))
            return Features(frames.pts, {"change": np.stack(changes)})

        return extract


@dataclass(frozen=True, slots=True)
class _Sample:
    """A picture, its band and finest detail, and the maps to earlier ones, by samples between."""

    structure: Structure
    layers: Float
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
    layers = np.stack([found.fine[0], luma - blurred(luma, 1.0)], axis=-1)
    return _Sample(found, layers, back)


def _change(past: deque[_Sample], lag: int) -> Float:
    """Return what is left of the picture a lag before the last, by cell."""
    import cv2

    height, width = past[-1].layers.shape[:2]
    columns, rows = max(1, round(width / _CELL)), max(1, round(height / _CELL))
    unknown = np.full((rows, columns), -1, np.float32)
    if len(past) <= 2 * lag:
        return unknown
    first, middle, last = past[-1 - 2 * lag], past[-1 - lag], past[-1]
    before = moved(first.layers, middle.back[lag])
    after = moved(last.layers, inverse(last.back[lag]))
    seen = np.isfinite(before[..., 0]) & np.isfinite(after[..., 0])

    def mean(values: Float) -> Float:
        return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA))

    share = mean(seen.astype(np.float32))
    known = share > _SEEN
    if not known.any():
        return unknown
    bands = [layers[..., 0] for layers in (before, after, middle.layers)]
    weights = _mixture(*(band[seen] for band in bands))
    rest = middle.layers - weights[0] * before - weights[1] * after
    inside = [np.where(seen, np.square(x), 0) for x in (*bands, rest[..., 0], rest[..., 1])]
    *energies, left, noise = (mean(x) / np.maximum(share, 1e-6) for x in inside)
    grain = _NOISE_IN_BAND * np.quantile(noise[known], _QUIET)
    ratio = np.maximum(left - grain, 0) / (np.maximum.reduce(energies) + _FLOOR)
    return np.where(known, np.minimum(ratio, 1), -1).astype(np.float32)


def _mixture(first: Float, last: Float, middle: Float) -> tuple[float, float]:
    """Return the weights of two pictures in the mixture that comes closest to the third.

    The sum of the weights follows from all of the picture, their difference from where the two
    pictures differ: most of it may be the same in both.
    """
    some = slice(None, None, _EVERY)
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
