from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.interpolation import Blend, FlowInterpolation, Interpolation
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
