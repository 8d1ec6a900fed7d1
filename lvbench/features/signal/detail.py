"""`detail_statistics`: edges at two scales, noise and the light of areas of single frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.stats.quantiles import quantile
from lvbench.video.frames import Frames, Products

Plane = NDArray[np.float32]

_CELL = 8  # pixels
_AREAS = 16  # along the long side
_FLATTEST, _LOWEST = 0.2, 0.1  # shares of the cells, for edges and for noise
_BOX = (5, 5)
_NARROW = np.array([-1, 1, 1, -1], np.float32)
_SLOPE = np.array([-0.5, 0, 0.5], np.float32)
_ALONG = np.array([0.25, 0.5, 0.25], np.float32)
_IMMERKAER = np.array([1, -2, 1], np.float32)
_IMMERKAER_GAIN = 4.7  # what white noise of deviation 1 gives in the lowest tenth of the cells


class DetailStatistics(Extractor):
    """Measure how sharp the edges are, how noisy flat areas, and how light each area is.

    The picture is cut into cells of 8 x 8 pixels. Noise adds the same energy everywhere, edges do
    not: the mean over all cells less that over the flattest fifth is the edges' own energy.

    Values, float64 `(n,)` unless stated:
        edges_fine: Mean square of the narrow edge filter (-1, 1, 1, -1), across by (1, 2, 1) / 4
            along, summed over both directions, less that of the flattest fifth of the cells; in
            squared levels. The flattest cells have the least of `edges_coarse`.
        edges_coarse: The same of the slope (-1, 0, 1) / 2 after smoothing by two boxes of 5 x 5.
        noise: Standard deviation of the noise in levels: of the mean squares of Immerkaer's
            operator over the cells, the lowest tenth.
        areas: float32 `(n, k)`: mean luma of each area, in levels: of a sixteenth of the long side
            and about as much of the short one, so that they are the same at every size of the
            picture. Below 128 pixels there are fewer: an area is as long as a cell or longer.

    Source: Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44(9),
    2011, for edges at two scales; Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996,
    there the mean over the picture, here the lowest tenth, because texture is no noise.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            "detail_statistics", 1, Products(luma=True), preprocessing="luma-full-range"
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic, and one row of areas, per frame."""
        assert frames.luma is not None
        names = ("edges_fine", "edges_coarse", "noise")
        rows, areas = zip(*(_statistics(luma) for luma in frames.luma), strict=True)
        found: Arrays = dict(zip(names, np.array(rows, np.float64).T, strict=True))
        return found | {"areas": np.stack(areas)}


def _statistics(luma: NDArray[np.uint8]) -> tuple[tuple[float, float, float], Plane]:
    import cv2

    height, width = luma.shape
    down, right = -height % (2 * _CELL), -width % (2 * _CELL)
    picture = luma.astype(np.float32)
    if down or right:
        picture = np.pad(picture, ((0, down), (0, right)), "symmetric")
    smooth = np.asarray(cv2.blur(cv2.blur(picture, _BOX), _BOX), np.float32)
    fine, coarse = _cells(_energy(picture, _NARROW)), _cells(_energy(smooth, _SLOPE))
    flat = np.argsort(coarse, kind="stable")[: max(1, int(_FLATTEST * len(coarse)))]
    response = cv2.sepFilter2D(picture, cv2.CV_32F, _IMMERKAER, _IMMERKAER)
    cv2.multiply(response, response, response)
    noise = quantile(_cells(np.asarray(response, np.float32)), _LOWEST)
    statistics = (
        max(0.0, float(fine.mean() - fine[flat].mean())),
        max(0.0, float(coarse.mean() - coarse[flat].mean())),
        float(np.sqrt(noise)) / _IMMERKAER_GAIN,
    )
    return statistics, _areas(luma)


def _areas(luma: NDArray[np.uint8]) -> Plane:
    """Return the mean of every area, `(areas,)`."""
    import cv2

    height, width = luma.shape
    long = max(height, width)
    share = max(1, min(_AREAS, long // _CELL)) / long
    # First by whole pixels, which is faster; less than a 64th of a side is left out.
    step = max(1, long // (4 * _AREAS))
    rows, columns = height // step, width // step
    inside = luma[: rows * step, : columns * step].astype(np.float32)
    quarters = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA)
    size = (max(1, round(share * width)), max(1, round(share * height)))
    return np.asarray(cv2.resize(quarters, size, interpolation=cv2.INTER_AREA), np.float32).ravel()


def _energy(picture: Plane, across: Plane) -> Plane:
    """Return the squared response to edges of both directions."""
    import cv2

    energy = cv2.sepFilter2D(picture, cv2.CV_32F, across, _ALONG)
    cv2.multiply(energy, energy, energy)
    cv2.accumulateSquare(cv2.sepFilter2D(picture, cv2.CV_32F, _ALONG, across), energy)
    return np.asarray(energy, np.float32)


def _cells(plane: Plane) -> Plane:
    """Return the mean of every cell, `(cells,)`."""
    import cv2

    size = (plane.shape[1] // _CELL, plane.shape[0] // _CELL)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32).ravel()
