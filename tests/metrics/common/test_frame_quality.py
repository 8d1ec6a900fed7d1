"""What PSNR, SSIM, MS-SSIM, LPIPS and VMAF share, and what each says of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench import metrics
from lvbench.metrics.common.frame_quality import PER_FRAME
from lvbench.metrics.functional import score_array
from lvbench.metrics.registry import build
from lvbench.results.schema import ItemScore
from lvbench.world.clip import render_clip
from tests.metrics.stand_ins import tool

FPS = 8.0
NAMES = ("psnr", "ssim", "ms_ssim", "lpips", "vmaf", "vmaf_neg")


@pytest.fixture(scope="module")
def clip() -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(6.0, FPS, 96, 64, 3)))


def _noisy(clip: NDArray[np.uint8], sizes: NDArray[np.float64]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(0, 1, clip.shape) * sizes[:, None, None, None]
    return np.clip(np.rint(clip + noise), 0, 255).astype(np.uint8)


def _score(name: str, video: NDArray[np.uint8], real: NDArray[np.uint8]) -> ItemScore:
    metric = build(name)
    tools = {need: tool(need) for need in metric.needs}
    return score_array(metric, video, fps=FPS, original=real, extractors=tools)


@pytest.mark.parametrize("name", NAMES)
def test_the_original_is_best_and_growing_noise_is_worse_and_worse(
    name: str, clip: NDArray[np.uint8]
) -> None:
    found = [_score(name, _noisy(clip, np.full(len(clip), s)), clip) for s in (0.0, 4.0, 16.0)]
    values = [score.value for score in found]
    better = build(name).info.headline.higher_is_better
    assert values == sorted(values, reverse=bool(better))
    assert len(set(values)) == 3
    best = {"psnr": 60.0, "lpips": 0.0, "vmaf": 99.0, "vmaf_neg": 99.0}.get(name, 1.0)
    assert values[0] == pytest.approx(best, abs=1.0 if "vmaf" in name else 1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_collapse_at_the_end_is_drift_with_its_sign(name: str, clip: NDArray[np.uint8]) -> None:
    sizes = np.where(np.arange(len(clip)) < 32, 2.0, 20.0)
    score = _score(name, _noisy(clip, sizes), clip)
    end, back = (
        s.components["end_level"] for s in (score, _score(name, _noisy(clip, sizes[::-1]), clip))
    )
    better = build(name).info.headline.higher_is_better
    assert (end < 0) == bool(better)
    assert end * back < 0
    assert score.components["onset"] == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_and_every_segment_has_its_number(name: str, clip: NDArray[np.uint8]) -> None:
    sizes = np.zeros(len(clip))
    sizes[17] = 30.0
    score = _score(name, _noisy(clip, sizes), clip)
    frames, segments = score.series[PER_FRAME], score.series[name.removesuffix("_neg")]
    assert frames.t == pytest.approx(np.arange(len(clip)) / FPS)
    assert len(segments.t) == 12
    assert score.value == pytest.approx(np.mean(frames.y))
    worst = min if build(name).info.headline.higher_is_better else max
    assert score.components["worst_frame"] == worst(frames.y)
    assert frames.y.index(worst(frames.y)) == 17
    assert score.detail


@pytest.mark.parametrize("name", NAMES)
def test_one_frame_is_no_video_and_a_few_have_no_drift(name: str, clip: NDArray[np.uint8]) -> None:
    one = _score(name, clip[:1], clip[:1])
    assert (one.status, one.code) == ("not_applicable", "too_short")
    few = _score(name, clip[:6], clip[:6])
    assert few.status == "ok"
    assert "end_level" not in few.components


@pytest.mark.parametrize("name", NAMES)
def test_without_a_reference_there_is_no_score(name: str, clip: NDArray[np.uint8]) -> None:
    metric = build(name)
    tools = {need: tool(need) for need in metric.needs}
    score = score_array(metric, clip[:4], fps=FPS, extractors=tools)
    assert (score.status, score.code) == ("not_applicable", "no_reference")


def test_a_reference_of_another_shape_is_refused(clip: NDArray[np.uint8]) -> None:
    for original in (clip[:-1], clip[:, :32]):
        with pytest.raises(ValueError, match="original"):
            metrics.psnr(clip, FPS, original=original)


def test_conventions_name_what_was_compared(clip: NDArray[np.uint8]) -> None:
    rgb = metrics.psnr(clip, FPS, original=clip)
    planes = metrics.psnr(clip, FPS, original=clip, picture="planes")
    assert "R, G and B" in str(rgb.detail)
    assert "luma" in str(planes.detail)
    assert "8 bits, peak 255" in str(planes.detail)
    assert rgb.components["identical"] == 1.0
    assert planes.components["u"] == planes.components["of_mean_error"] == 60.0
    assert "11x11" in str(metrics.ssim(clip, FPS, original=clip, downsampling="none").detail)


def test_the_mean_of_decibels_is_above_the_decibels_of_the_mean(
    clip: NDArray[np.uint8],
) -> None:
    sizes = np.where(np.arange(len(clip)) % 2, 2.0, 20.0)
    score = metrics.psnr(_noisy(clip, sizes), FPS, original=clip)
    assert score.value is not None
    assert score.components["of_mean_error"] < score.value - 3


def test_frames_too_small_for_five_scales_are_refused(clip: NDArray[np.uint8]) -> None:
    score = metrics.ms_ssim(clip, FPS, original=clip)
    assert (score.status, score.code) == ("not_applicable", "too_small")
    assert "176" in str(score.detail)


@pytest.mark.assets
def test_lpips_reads_the_weights_that_it_is_given(assets: Path, clip: NDArray[np.uint8]) -> None:
    noisy = _noisy(clip[:4], np.full(4, 20.0))
    score = metrics.lpips(noisy, FPS, original=clip[:4], net="squeeze", weights=assets / "assets")
    assert score.value is not None
    assert score.value > 0.01
    assert "squeeze" in str(score.detail)
