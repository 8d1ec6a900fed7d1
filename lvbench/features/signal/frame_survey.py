"""`frame_survey`: black borders, a hash, lightness and sharpness of sampled frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec
from lvbench.features.signal.statistics import LumaStatistics
from lvbench.video.frames import Frames, Products

_SIZE, _LOW = 32, 8
_FLOOR = 0.01  # squared levels, so that a black frame has a sharpness
_FLAT = 2.0  # levels: below this spread a picture has no structure to hash


class FrameSurvey(Extractor):
    """Measure black borders, light and sharpness, and hash the picture, a few times a second.

    Arrays:
        borders: float64 `(n, 4)`: share of the height that is black from the top and from the
            bottom, and of the width from the left and from the right; all 1 for a black frame.
        hash: uint8 `(n, 8)`: 64 bits of the picture's lowest frequencies against their median,
            which scaling and coding leave alone; all 0 for a picture without structure.
        picture: float32 `(n, 3)`: mean lightness in L*, share of clipped pixels, and energy of
            the 4-neighbour Laplacian against the variance of luma in dB.

    Args:
        rate: Frames per second that are taken; 0 for every frame.
        black: Level that the brightest pixel of a black row or column does not exceed.

    Source: the hash is Zauner's perceptual hash (2010) as commonly built: 32 x 32 luma, DCT-II,
        the lowest 8 x 8 coefficients against their median without the first.
    """

    def __init__(self, rate: float = 2.0, black: int = 28) -> None:
        self.spec = ExtractorSpec(
            name="frame_survey",
            version=1,
            products=Products(luma=True),
            preprocessing="luma-full-range",
            parameters={"rate": rate, "black": black},
            rate=rate or None,
            keeps=("hash", "picture"),
        )
        self._black = black
        self._light = LumaStatistics()

    def __call__(self, frames: Frames) -> Arrays:
        """Return borders, hash and picture of every frame."""
        assert frames.luma is not None
        light = self._light(frames)
        detail = np.array([detail_of(luma) for luma in frames.luma])
        sharpness = 10 * np.log10((detail + _FLOOR) / (light["contrast"] + _FLOOR))
        clipped = light["clipped_low"] + light["clipped_high"]
        return {
            "picture": np.stack([light["lightness"], clipped, sharpness], 1).astype(np.float32),
            "borders": np.array([_borders(luma, self._black) for luma in frames.luma]),
            "hash": np.stack([picture_hash(luma) for luma in frames.luma]),
        }


def detail_of(luma: NDArray[np.uint8]) -> float:
    """Return the mean squared response of the 4-neighbour Laplacian, in squared levels."""
    import cv2

    return cv2.norm(cv2.Laplacian(luma, cv2.CV_16S, ksize=1), cv2.NORM_L2SQR) / luma.size


def _borders(luma: NDArray[np.uint8], black: int) -> tuple[float, float, float, float]:
    lit = luma > black
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not len(rows):
        return 1.0, 1.0, 1.0, 1.0
    height, width = luma.shape
    return (
        float(rows[0] / height),
        float((height - 1 - rows[-1]) / height),
        float(columns[0] / width),
        float((width - 1 - columns[-1]) / width),
    )


def picture_hash(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 64 bits as uint8 `(8,)` of a luma plane `(H, W)`."""
    import cv2

    small = cv2.resize(luma, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if small.std() < _FLAT:
        return np.zeros(8, np.uint8)
    low = cv2.dct(small)[:_LOW, :_LOW].ravel()
    return np.packbits(low > np.median(low[1:]))
