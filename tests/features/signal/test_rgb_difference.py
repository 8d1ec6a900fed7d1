from __future__ import annotations

import numpy as np

from lvbench.features.signal.rgb_difference import RgbDifference
from lvbench.video.frames import Frames


def test_mean_absolute_difference_of_every_pair() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (5, 7, 9, 3), dtype=np.uint8)
    found = RgbDifference()(Frames(np.arange(5.0), rgb=rgb))["mean_absolute"]
    expected = np.abs(np.diff(rgb.astype(np.float64), axis=0)).mean((1, 2, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_black_to_white_is_255() -> None:
    rgb = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])
    assert RgbDifference()(Frames(np.arange(2.0), rgb=rgb))["mean_absolute"] == [255.0]
