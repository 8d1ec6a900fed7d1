from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.flow.interpolation import Blend, FlowInterpolation
from lvbench.features.flow.interpolation_reduced import ReducedInterpolation
from lvbench.video.frames import Frames
from tests.features.flow.test_dis import panning
from tests.features.flow.test_interpolation import streamed

Clip = NDArray[np.uint8]


def colour(gray: Clip) -> Clip:
    return np.repeat(gray[..., None], 3, axis=-1)


def test_what_a_pan_uncovers_is_taken_from_the_frame_that_shows_it() -> None:
    rgb = colour(panning(3, 96, 160, 8))
    (seen,) = streamed(ReducedInterpolation(), rgb, 3)[1]
    (blind,) = streamed(FlowInterpolation(), rgb, 3)[1]
    (blended,) = streamed(Blend(), rgb, 3)[1]
    assert seen < 0.9 * blind < blended


@pytest.mark.parametrize("chunk", [1, 5, 64])
def test_it_reads_the_reduced_picture_however_it_comes(chunk: int) -> None:
    rgb = colour(panning(7, 96, 160, 4))
    extractor = ReducedInterpolation(long_side=80)
    prepared = extractor.prepare(Frames(np.arange(7.0), rgb=rgb)).prepared
    assert prepared is not None
    assert prepared.shape == (7, 48, 80, 3)
    assert streamed(extractor, rgb, chunk) == streamed(extractor, rgb, 7)
    assert streamed(ReducedInterpolation(), prepared, 7) == streamed(extractor, rgb, 7)


def test_the_times_on_either_side_are_told() -> None:
    frames = Frames(np.array([0.0, 1.0, 3.0, 3.5, 4.0, 9.0]), rgb=colour(panning(6, 48, 64, 1)))
    found = ReducedInterpolation()(frames)
    np.testing.assert_array_equal(found["before"], [1.0, 0.5])
    np.testing.assert_array_equal(found["after"], [2.0, 0.5])
    assert found["squared"].shape == found["blend_squared"].shape == (2,)


def test_a_side_too_small_is_refused() -> None:
    with pytest.raises(ConfigError, match="long_side=8"):
        ReducedInterpolation(long_side=8)
