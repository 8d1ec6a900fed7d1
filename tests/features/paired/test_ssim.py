from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d

from lvbench.errors import VideoDecodeError
from lvbench.features.paired.ssim import PairedMsSsim, PairedSsim, factor_for, smaller, terms
from lvbench.video.frames import Frames, Planes


def _pair(ours: NDArray[np.uint8], theirs: NDArray[np.uint8], bits: int = 8) -> Frames:
    shift, kind = bits - 8, np.uint8 if bits == 8 else np.uint16

    def frames(luma: NDArray[np.uint8]) -> Frames:
        levels = luma[None].astype(kind) << shift
        return Frames(np.zeros(1), planes=Planes(levels, None, None, bits))

    video, real = frames(ours), frames(theirs)
    return Frames(video.pts, planes=video.planes, reference=real)


def _picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1), np.uint8)
    return rough.repeat(4, 0).repeat(4, 1)[:height, :width]


def _noisy(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).integers(-size, size + 1, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _as_printed(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return Wang et al.'s SSIM, in float64 and with a two-dimensional window."""
    across = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(across, across) / across.sum() ** 2
    mean = {k: convolve2d(v, window, "valid") for k, v in
            {"x": x, "y": y, "xx": x * x, "yy": y * y, "xy": x * y}.items()}  # fmt: skip
    c1, c2 = 2.55**2, 7.65**2
    covariance = mean["xy"] - mean["x"] * mean["y"]
    spread = mean["xx"] - mean["x"] ** 2 + mean["yy"] - mean["y"] ** 2
    above = (2 * mean["x"] * mean["y"] + c1) * (2 * covariance + c2)
    return float((above / ((mean["x"] ** 2 + mean["y"] ** 2 + c1) * (spread + c2))).mean())


@pytest.mark.parametrize("shape", [(11, 11), (40, 60), (131, 200)])
def test_full_size_is_as_printed(shape: tuple[int, int]) -> None:
    real = _picture(*shape)
    video = _noisy(real, 25)
    ours = float(PairedSsim("none")(_pair(video, real))["ssim"][0])
    assert ours == pytest.approx(_as_printed(video.astype(float), real.astype(float)), abs=5e-5)


def test_the_same_levels_at_ten_bits_give_the_same_number() -> None:
    real = _picture(64, 96)
    video = _noisy(real, 9)
    for extractor in (PairedSsim(), PairedSsim("none")):
        eight, ten = (float(extractor(_pair(video, real, bits))["ssim"][0]) for bits in (8, 10))
        assert eight == ten


@pytest.mark.parametrize(("height", "factor"), [(144, 1), (383, 1), (480, 2), (720, 3), (1080, 4)])
def test_the_factor_is_that_of_the_authors(height: int, factor: int) -> None:
    assert factor_for(height, 16 * height // 9) == factor


def test_smaller_averages_the_neighbourhood() -> None:
    plane = np.arange(42, dtype=np.float32).reshape(6, 7)
    third = smaller(plane, 3)
    assert third.shape == (2, 3)
    assert third[1, 1] == plane[2:5, 2:5].mean()
    assert smaller(plane, 1) is plane


@pytest.mark.parametrize("size", [1, 3, 10, 30])
def test_more_noise_is_less_similar(size: int) -> None:
    real = _picture(200, 300)
    for extractor, name in ((PairedSsim(), "ssim"), (PairedMsSsim(), "ms_ssim")):
        same, little, much = (
            float(extractor(_pair(video, real))[name][0])
            for video in (real, _noisy(real, size), _noisy(real, 2 * size))
        )
        assert 1.0 == same > little > much > 0


def test_terms_of_flat_pictures_are_whole() -> None:
    flat = np.full((40, 40), 219, np.float32)
    found = terms(flat, flat, luminance=True)
    assert (found.luminance, found.contrast, found.structure) == pytest.approx((1, 1, 1), abs=1e-6)


def test_the_opposite_of_a_picture_is_as_far_as_can_be() -> None:
    real = _picture(200, 200)
    assert float(PairedMsSsim()(_pair(255 - real, real))["ms_ssim"][0]) == 0.0
    assert float(PairedSsim()(_pair(255 - real, real))["ssim"][0]) < 0


@pytest.mark.parametrize(
    ("extractor", "shape"), [(PairedSsim(), (10, 400)), (PairedMsSsim(), (175, 400))]
)
def test_too_small_a_picture_is_refused(
    extractor: PairedSsim | PairedMsSsim, shape: tuple[int, int]
) -> None:
    picture = _picture(*shape)
    with pytest.raises(VideoDecodeError, match="needs") as caught:
        extractor(_pair(picture, picture))
    assert caught.value.code == "too_small"


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="auto or none"):
        PairedSsim("some")
