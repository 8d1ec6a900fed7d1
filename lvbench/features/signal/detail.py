"""`detail_statistics`: edges at two scales, and the noise of single frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.stats.quantiles import quantile
from lvbench.video.frames import Frames, Products

Plane = NDArray[np.float32]
Response = NDArray[Any]

_CELL = 8  # pixels
_BAND, _FEWEST = 16, 5  # rows of a band, and bands of a large picture
_ENOUGH = 60_000  # pixels
_FLATTEST, _LOWEST = 0.2, 0.1  # shares of the cells, for edges and for noise
_BOX = (5, 5)
_IMMERKAER = np.array([1, -2, 1], np.float32)
_IMMERKAER_GAIN = 4.7  # what white noise of deviation 1 gives in the lowest tenth of the cells


class DetailStatistics(Extractor):
    """Measure how sharp the edges are, and how noisy flat areas are.

    The picture is cut into cells of 8 x 8 pixels. Noise adds the same energy everywhere, edges do
    not: the mean over all cells less that over the flattest fifth is the edges' own energy. Of a
    picture of more than 90,000 pixels, bands of 16 rows are measured, evenly spread.

    Values, float64 `(n,)`:
        edges_fine: Mean square of the narrow edge filter (-1, 1, 1, -1), across by (1, 2, 1) / 4
            along, summed over both directions, less that of the flattest fifth of the cells; in
            squared levels. The flattest cells have the least of `edges_coarse`.
        edges_coarse: The same of the slope (-1, 0, 1) / 2 after smoothing by two boxes of 5 x 5.
        noise: Standard deviation of the noise in levels: of the mean squares of Immerkaer's
            operator over the cells, the lowest tenth.

    Source: Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44(9),
    2011, for edges at two scales; Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996,
    there the mean over the picture, here the lowest tenth, because texture is no noise.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            "detail_statistics", 1, Products(luma=True), preprocessing="luma-full-range"
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic per frame."""
        assert frames.luma is not None
        names = ("edges_fine", "edges_coarse", "noise")
        rows = [_statistics(luma) for luma in frames.luma]
        return dict(zip(names, np.array(rows, np.float64).T, strict=True))


def _statistics(luma: NDArray[np.uint8]) -> tuple[float, float, float]:
    import cv2

    shown, in_bands = _bands(luma)
    down, right = (-side % (2 * _CELL) for side in shown.shape)
    # A row and a column more, for differences. Whole numbers up to the squares: they are faster.
    wide = cv2.copyMakeBorder(shown, 1, down, 1, right, cv2.BORDER_REFLECT_101)
    picture = wide[1:, 1:]
    x, y = cv2.spatialGradient(wide)
    narrow = cv2.subtract(x[1:, 1:], x[1:, :-1]), cv2.subtract(y[1:, 1:], y[:-1, 1:])
    sums = cv2.boxFilter(picture, cv2.CV_16U, _BOX, normalize=False)
    smooth = cv2.boxFilter(sums, cv2.CV_32F, _BOX, normalize=False)
    slopes = [cv2.Sobel(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1))]
    response = cv2.sepFilter2D(picture, cv2.CV_16S, _IMMERKAER, _IMMERKAER)
    fine, coarse, noise = (_energy(some, in_bands) for some in (narrow, slopes, [response]))
    fine /= np.float32(4**2)
    coarse /= np.float32((8 * 25**2) ** 2)
    flat = np.argsort(coarse, kind="stable")[: max(1, int(_FLATTEST * len(coarse)))]
    return (
        max(0.0, float(fine.mean() - fine[flat].mean())),
        max(0.0, float(coarse.mean() - coarse[flat].mean())),
        float(np.sqrt(quantile(noise, _LOWEST))) / _IMMERKAER_GAIN,
    )


def _bands(luma: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
    """Return a picture; or bands of a large one, one below the other, with a cell around each."""
    height, width = luma.shape
    step = min(round(height * width / _ENOUGH), height // (_FEWEST * _BAND))
    if step < 2:
        return luma, False
    starts = range(_CELL, height - _BAND - _CELL + 1, step * _BAND)
    return np.concatenate([luma[k - _CELL : k + _BAND + _CELL] for k in starts]), True


def _energy(responses: Sequence[Response], in_bands: bool) -> Plane:
    """Return the mean of every cell of the sum of squares, `(cells,)`."""
    import cv2

    total = reduce(cv2.add, [cv2.multiply(one, one, dtype=cv2.CV_32F) for one in responses])
    size = (total.shape[1] // _CELL, total.shape[0] // _CELL)
    cells = np.asarray(cv2.resize(total, size, interpolation=cv2.INTER_AREA), np.float32)
    if in_bands:
        cells = cells.reshape(-1, _BAND // _CELL + 2, size[0])[:, 1:-1]
    return cells.ravel()
