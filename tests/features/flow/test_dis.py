from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError, LvbenchError
from lvbench.features.base import Features
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames


def texture(height: int, width: int, grain: float = 6.0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).standard_normal((height, width))
    smooth = cv2.GaussianBlur(noise, (0, 0), grain)
    return np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def panning(count: int, height: int, width: int, dx: int, dy: int = 0) -> NDArray[np.uint8]:
    """Return a picture that moves by `(dx, dy)` pixels per frame (both at least 0)."""
    picture = texture(height + dy * count, width + dx * count)
    starts = [(dy * (count - i), dx * (count - i)) for i in range(count)]
    return np.stack([picture[y : y + height, x : x + width] for y, x in starts])


def frames(luma: NDArray[np.uint8], fps: float = 24.0) -> Frames:
    return Frames(np.arange(len(luma)) / fps, luma=luma)


@pytest.mark.parametrize("preset", ["ultrafast", "fast", "medium"])
def test_known_motion_is_found_within_a_tenth(preset: str) -> None:
    found = DenseInverseSearchFlow(preset=preset)(frames(panning(3, 144, 256, 4, 2)))
    for name, sign in (("forward", 1), ("backward", -1)):
        dx, dy = np.median(found[name], axis=(0, 1, 2))
        assert dx == pytest.approx(4 * sign, rel=0.1)
        assert dy == pytest.approx(2 * sign, rel=0.1)
    assert found["consistent"].mean() > 0.9
    assert found["consistent_backward"].mean() > 0.9


def test_arrays_have_the_promised_shapes() -> None:
    found = DenseInverseSearchFlow(long_side=64)(frames(panning(4, 72, 128, 2), fps=10))
    assert found["gray"].shape == (4, 36, 64)
    assert found["gray"].dtype == np.uint8
    for name in ("forward", "backward"):
        assert found[name].shape == (3, 36, 64, 2)
        assert found[name].dtype == np.float32
    for name in ("consistent", "consistent_backward"):
        assert found[name].shape == (3, 36, 64)
        assert found[name].dtype == np.bool_
    np.testing.assert_allclose(found["dt"], 0.1)


def test_small_pictures_are_not_enlarged() -> None:
    assert DenseInverseSearchFlow()(frames(panning(2, 40, 60, 1)))["gray"].shape == (2, 40, 60)


# OpenCV's solver reads past its buffers on some of these without the padding.
@pytest.mark.parametrize("size", [(12, 12), (16, 16), (12, 256), (16, 100), (24, 256), (256, 31)])
def test_tiny_and_narrow_pictures_work(size: tuple[int, int]) -> None:
    found = DenseInverseSearchFlow()(frames(panning(3, *size, 1)))
    assert np.isfinite(found["forward"]).all()
    assert np.abs(found["forward"]).max() < 12


@pytest.mark.parametrize("size", [(8, 8), (11, 100), (20, 1000)])
def test_too_small_pictures_are_refused_with_a_code(size: tuple[int, int]) -> None:
    with pytest.raises(LvbenchError) as caught:
        DenseInverseSearchFlow()(frames(np.zeros((2, *size), np.uint8)))
    assert caught.value.code == "too_small"


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError):
        DenseInverseSearchFlow(preset="slow")


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_features_do_not_depend_on_chunks(chunk: int) -> None:
    luma = panning(40, 48, 80, 1)
    whole = DenseInverseSearchFlow()(frames(luma))
    blocks: list[Features] = []
    stream = FeatureStream({"dis": DenseInverseSearchFlow()}, 24.0, lambda _, f: blocks.append(f))
    for start in range(0, len(luma), chunk):
        stream.push(frames(luma).take(slice(start, start + chunk)))
    stream.finish()
    for name in ("forward", "backward", "consistent"):
        joined = np.concatenate([block[name] for block in blocks])
        assert joined.tobytes() == whole[name].tobytes()


def test_sizes_of_other_videos_leave_no_trace() -> None:
    extractor = DenseInverseSearchFlow()
    luma = panning(3, 144, 256, 3)
    before = extractor(frames(luma))["forward"]
    extractor(frames(panning(3, 16, 16, 1)))
    assert extractor(frames(luma))["forward"].tobytes() == before.tobytes()
