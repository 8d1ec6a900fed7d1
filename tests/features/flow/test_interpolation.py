from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Features
from lvbench.features.flow.interpolation import (
    Blend,
    FlowInterpolation,
    Interpolation,
    ReducedInterpolation,
)
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames
from tests.features.flow.test_dis import panning

Clip = NDArray[np.uint8]


def colour(gray: Clip) -> Clip:
    return np.repeat(gray[..., None], 3, axis=-1)


def streamed(extractor: Interpolation, rgb: Clip, chunk: int) -> tuple[list[float], list[float]]:
    times: list[float] = []
    errors: list[float] = []

    def consume(_: str, found: Features) -> None:
        times.extend(found.t.tolist())
        errors.extend(found["error"].tolist())

    stream = FeatureStream({"x": extractor}, 10.0, consume)
    frames = Frames(np.arange(len(rgb)) / 10.0, rgb=rgb)
    for start in range(0, len(rgb), chunk):
        stream.push(frames.take(slice(start, start + chunk)))
    stream.finish()
    return times, errors


@pytest.mark.parametrize("chunk", [1, 4, 64])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 19, 20])
def test_every_second_frame_is_predicted_once(count: int, chunk: int) -> None:
    exact = np.random.default_rng(0).integers(0, 256, count)
    rgb = np.broadcast_to(exact[:, None, None, None], (count, 8, 8, 3)).astype(np.uint8)
    times, errors = streamed(Blend(), rgb, chunk)
    index = np.arange(1, count - 1, 2)
    np.testing.assert_allclose(times, index / 10.0)
    assert errors == [abs(exact[i] - (exact[i - 1] + exact[i + 1] + 1) // 2) for i in index]


def test_flow_predicts_a_pan_that_blending_does_not() -> None:
    rgb = colour(panning(5, 96, 160, 6))
    _, blended = streamed(Blend(), rgb, 5)
    _, moved = streamed(FlowInterpolation(), rgb, 5)
    assert np.mean(moved) < 0.35 * np.mean(blended)
    assert np.mean(blended) > 5


def test_still_pictures_are_predicted_exactly() -> None:
    rgb = np.repeat(colour(panning(1, 48, 64, 1)), 5, axis=0)
    for extractor in (Blend(), FlowInterpolation()):
        assert streamed(extractor, rgb, 5)[1] == [0.0, 0.0]


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
