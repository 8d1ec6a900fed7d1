"""`detail_statistics`: edges at two scales, noise and contrast of single frames, each on its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.video.frames import Frames, Products

Plane = NDArray[np.float32]

_CELL = 8  # pixels
_FLATTEST, _LOWEST = 0.2, 0.1  # shares of the cells, for edges and for noise
_IMMERKAER = np.array([1, -2, 1], np.float32)  # along rows and columns
_GAIN = 6.0  # standard deviation of its response to white noise of deviation 1


class DetailStatistics(Extractor):
    """Measure how narrow the edges are, how noisy flat areas, and how far areas differ in light.

    The picture is cut into cells of 8 x 8 pixels. Noise adds the same energy to a gradient
    everywhere, edges do not: the mean over all cells minus that over the flattest fifth is the
    edges' own energy.

    Values, float64 `(n,)`:
        edges_fine: Mean squared gradient of luma in squared levels per pixel, by Sobel's kernels,
            less that of the flattest fifth of the cells.
        edges_coarse: The same after smoothing by two boxes of 5 x 5 pixels.
        noise: Standard deviation of the noise in levels: the root of the lowest tenth, over
            cells, of the mean square of Immerkaer's operator.
        mean: Mean luma in levels.
        contrast: Standard deviation of the mean luma of areas of 16 x 16 pixels, in levels.

    Source: Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996; the lowest tenth instead
    of the mean, since texture is no noise. Zhuo and Sim, Defocus map estimation from a single
    image, Pattern Recognition 44(9), 2011, for the ratio of gradients at two scales.
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            "detail_statistics",
            1,
            Products(luma=True),
            preprocessing="luma-full-range",
        )

    def __call__(self, frames: Frames) -> Arrays:
        """Return one value of each statistic per frame; 0 of a picture without a cell."""
        assert frames.luma is not None
        names = ("edges_fine", "edges_coarse", "noise", "mean", "contrast")
        rows = np.array([_statistics(luma) for luma in frames.luma], np.float64)
        return dict(zip(names, rows.T, strict=True))


def _statistics(luma: NDArray[np.uint8]) -> tuple[float, float, float, float, float]:
    import cv2

    height, width = luma.shape
    down, right = -height % (2 * _CELL), -width % (2 * _CELL)
    picture = luma.astype(np.float32)
    if down or right:
        picture = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REFLECT)
    smooth = cv2.blur(cv2.blur(picture, (5, 5)), (5, 5))
    fine, coarse = _cells(_gradient(picture)), _cells(_gradient(smooth))
    response = cv2.sepFilter2D(picture, cv2.CV_32F, _IMMERKAER, _IMMERKAER)
    noise = _cells(cv2.multiply(response, response))
    flattest = max(1, int(_FLATTEST * len(coarse)))
    flat = np.argpartition(coarse, flattest - 1)[:flattest]
    areas = _cells(picture, 2 * _CELL)
    return (
        max(0.0, float(fine.mean() - fine[flat].mean())),
        max(0.0, float(coarse.mean() - coarse[flat].mean())),
        float(np.sqrt(np.quantile(noise, _LOWEST))) / _GAIN,
        float(areas.mean()),
        float(areas.std()),
    )


def _gradient(picture: Plane) -> Plane:
    """Return the squared length of the gradient in levels per pixel."""
    import cv2

    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    along = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    cv2.multiply(across, across, across)
    cv2.accumulateSquare(along, across)
    return np.asarray(across, np.float32)


def _cells(plane: Plane, side: int = _CELL) -> Plane:
    """Return the mean of every cell, `(cells,)`."""
    import cv2

    size = (plane.shape[1] // side, plane.shape[0] // side)
    means: Plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA).ravel()
    return means
