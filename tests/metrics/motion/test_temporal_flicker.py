from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.shots import Shots
from lvbench.features.stream import FeatureStream
from lvbench.metrics import temporal_flicker
from lvbench.metrics.base import VideoContext
from lvbench.metrics.motion.temporal_flicker import TemporalFlicker, block_mean, brightness_change
from lvbench.results.schema import ItemScore
from lvbench.validity.faults.catalogue import FAULTS, planted_array
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products

Clip = NDArray[np.uint8]


def texture(height: int, width: int, seed: int = 0) -> Clip:
    noise = np.random.default_rng(seed).standard_normal((height, width))
    smooth = cv2.GaussianBlur(noise, (0, 0), 3.0)
    return np.clip(128 + 35 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def panning(count: int, dx: int, seed: int = 0) -> Clip:
    picture = texture(72, 128 + dx * count, seed)
    gray = np.stack([picture[:, dx * i : dx * i + 128] for i in range(count)])
    return np.repeat(gray[..., None], 3, axis=-1)


def value(score: ItemScore) -> float:
    assert score.value is not None
    return score.value


@pytest.mark.parametrize("dx", [0, 1, 3])
def test_motion_alone_is_not_flicker(dx: int) -> None:
    clip = panning(24, dx)
    flicker = value(temporal_flicker(planted_array("flicker_global", clip, 24.0, 0.04), 24.0))
    assert value(temporal_flicker(clip, 24.0)) < 0.02 * flicker


@pytest.mark.parametrize("fault", ["flicker_global", "flicker_local"])
def test_grows_with_the_dose(fault: str) -> None:
    clip = panning(24, 2)
    doses = (0, 0.01, 0.02, 0.04, 0.08)
    clips = [planted_array(fault, clip, 24.0, dose) for dose in doses]
    values = [value(temporal_flicker(planted, 24.0)) for planted in clips]
    assert all(a < b for a, b in pairwise(values)), values
    # A gain of 4 % on luma 128 is 5 levels; a block counts what it shares with neither neighbour.
    assert 1.0 < values[3] < 6.0


def test_slow_change_of_light_is_not_flicker() -> None:
    clip = panning(24, 1)
    steady = value(temporal_flicker(planted_array("dark_ramp", clip, 24.0, 0.6), 24.0))
    assert steady < 0.05 * value(
        temporal_flicker(planted_array("flicker_global", clip, 24.0, 0.04), 24.0)
    )


def test_noise_of_single_pixels_is_not_flicker() -> None:
    clip = panning(24, 1)
    noise = np.random.default_rng(0).normal(0, 4, clip.shape)
    noisy = np.clip(np.rint(clip + noise), 0, 255).astype(np.uint8)
    assert value(temporal_flicker(noisy, 24.0)) < 0.1


def with_texture(count: int, dx: int) -> Clip:
    """Return a pan over coarse blobs with fine texture on them."""
    rng = np.random.default_rng(3)
    shape = (48, 256 + dx * count)
    fine = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 1.2)
    picture = texture(*shape) * 0.5 + 60 + 12 * fine / fine.std()
    gray = np.stack([picture[:, dx * i : dx * i + 256] for i in range(count)])
    return np.repeat(np.clip(np.rint(gray), 0, 255).astype(np.uint8)[..., None], 3, axis=-1)


@pytest.mark.parametrize("fault", ["boiling", "sticking"])
def test_texture_that_boils_or_sticks_has_a_component(fault: str) -> None:
    clip = with_texture(16, 2)
    doses = (0.0, 0.4, 1.0) if fault == "boiling" else (0.0, 0.15, 0.35)
    scores = [temporal_flicker(planted_array(fault, clip, 24.0, d), 24.0) for d in doses]
    found = [score.components[fault] for score in scores]
    assert all(a < b for a, b in pairwise(found)), found
    assert found[0] < 0.15 * found[2]
    assert found[2] > 0.1


@pytest.mark.parametrize("fault", ["flicker_global", "dark_ramp", "noise_ramp"])
def test_neither_boiling_nor_sticking_is_found_in_other_faults(fault: str) -> None:
    clip = with_texture(16, 2)
    plain = temporal_flicker(clip, 24.0).components
    planted = planted_array(fault, clip, 24.0, FAULTS[fault].doses[1])
    found = temporal_flicker(planted, 24.0).components
    # Boiling of the middle dose adds more than 0.1, sticking too.
    assert found["boiling"] < plain["boiling"] + 0.03
    assert found["sticking"] < plain["sticking"] + 0.03


def test_there_is_no_sticking_where_nothing_slides() -> None:
    assert "sticking" not in temporal_flicker(panning(16, 0), 24.0).components


def test_series_shows_where_it_flickers() -> None:
    clip = panning(48, 1)
    clip[24:] = planted_array("flicker_global", clip[24:], 24.0, 0.05)
    series = temporal_flicker(clip, 24.0).series
    assert series["flicker"].t == [0.25, 0.75, 1.25, 1.75]
    quiet, loud = series["flicker"].y[0], series["flicker"].y[2:]
    assert quiet < 0.05
    assert min(loud) > 1.0
    assert len(series["flicker_per_frame"].t) == 46


def test_a_repeated_frame_hides_no_flicker() -> None:
    clip = planted_array("flicker_global", panning(16, 2), 24.0, 0.04)
    held = np.repeat(clip, 2, axis=0)
    expected = value(temporal_flicker(clip, 24.0))
    assert value(temporal_flicker(held, 48.0)) == pytest.approx(expected, rel=1e-6)
    residue = np.random.default_rng(0).normal(0, 0.5, held.shape)
    coded = np.clip(np.rint(held + residue), 0, 255).astype(np.uint8)
    assert value(temporal_flicker(coded, 48.0)) == pytest.approx(expected, rel=0.1)


def test_a_still_image_does_not_flicker() -> None:
    score = temporal_flicker(np.repeat(panning(1, 0), 10, axis=0), 10.0)
    assert score.value == 0.0
    assert TemporalFlicker.info.gates == ("stillness", "loop", "incoherence")


@pytest.mark.parametrize("count", [1, 2])
def test_too_short(count: int) -> None:
    score = temporal_flicker(panning(count, 1), 24.0)
    assert (score.status, score.code) == ("not_applicable", "too_short")


def test_what_cannot_be_followed_is_not_measured() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (6, 72, 128, 3), dtype=np.uint8)
    score = temporal_flicker(clip, 24.0)
    assert (score.status, score.code) == ("not_applicable", "untrackable")


def test_declared_and_detected_cuts_are_left_out() -> None:
    clip = np.concatenate([panning(24, 1), panning(24, 1, seed=1) // 2])
    state, metric = new_state(cuts=(1.0,)), TemporalFlicker()
    feed(metric, state, clip, 16, shots=False)
    times = metric.item(state).series["flicker_per_frame"].t
    # The frames on both sides of the cut at 1 s have only one neighbour in their shot.
    assert not np.isclose(times, 23 / 24).any()
    assert not np.isclose(times, 1.0).any()
    assert np.isclose(times, 22 / 24).any()
    assert np.isclose(times, 25 / 24).any()
    found = new_state()
    feed(metric, found, clip, 16, shots=True)
    assert metric.item(found).series["flicker_per_frame"].t == times


def test_chunks_do_not_matter() -> None:
    clip = planted_array("flicker_global", panning(40, 2), 24.0, 0.02)
    records = []
    for chunk in (1, 7, 40):
        metric = TemporalFlicker()
        state = metric.new_state(VideoContext())
        feed(metric, state, clip, chunk, shots=True)
        records.append(metric.item(state).model_dump_json())
    assert len(set(records)) == 1


def new_state(cuts: tuple[float, ...] = ()) -> Any:
    return TemporalFlicker().new_state(VideoContext(cuts=cuts))


def feed(metric: TemporalFlicker, state: Any, clip: Clip, chunk: int, *, shots: bool) -> None:
    tools: dict[str, Any] = {"dis": DenseInverseSearchFlow()} | (
        {"shots": Shots()} if shots else {}
    )
    stream = FeatureStream(tools, 24.0, lambda name, f: metric.update(state, {name: f}))
    for start in range(0, len(clip), chunk):
        part = clip[start : start + chunk]
        pts = (start + np.arange(len(part))) / 24.0
        stream.push(Frames(pts, luma=part[..., 0], small=part))
    stream.finish()


def real_clip(path: Path, first: int, count: int) -> tuple[Clip, float]:
    with open_video(path, Products(small=256)) as reader:
        chunks = []
        for chunk in reader:
            chunks.append(chunk)
            if sum(map(len, chunks)) >= first + count:
                break
    pts = np.concatenate([c.pts for c in chunks])
    small = np.concatenate([c.small for c in chunks if c.small is not None])
    return small[first : first + count], float(1 / np.median(np.diff(pts)))


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("worldmark_m1_good.mp4", 0),
        ("intel_car-detection.mp4", 60),
        ("mdn_friday.mp4", 0),
    ],
)
def test_frame_step_moves_it_less_than_a_tenth_of_flicker(
    name: str, first: int, videos: Path
) -> None:
    clip, fps = real_clip(videos / name, first, 96)
    plain = [value(temporal_flicker(clip[::step], fps / step)) for step in (1, 2, 4)]
    change = max(abs(p - plain[0]) for p in plain)
    for fault in ("flicker_global", "flicker_local"):
        doses = [
            value(temporal_flicker(planted_array(fault, clip, fps, d), fps))
            for d in (0.02, 0.04, 0.08)
        ]
        assert plain[0] < doses[0] < doses[1] < doses[2]
        assert change < 0.1 * (doses[1] - plain[0]), (plain, doses)


def blobs() -> np.ndarray:
    smooth = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((64, 64)), (0, 0), 3.0)
    return (128 + 35 * smooth / smooth.std()).astype(np.float32)


def test_brightness_change_takes_a_small_shift_out() -> None:
    gray = blobs()
    shifted = np.roll(gray, 1, axis=1) * 0.5 + gray * 0.5
    mask = np.ones(gray.shape, np.bool_)
    residual = gray - shifted + 3
    found = brightness_change(gray, (residual,), mask, 16)
    plain = residual.reshape(4, 16, 4, 16).mean((1, 3))
    assert np.abs(found.change[0] - 3).mean() < 0.5 * np.abs(plain - 3).mean()
    assert (found.tracked == 1).all()


def test_masked_pixels_do_not_count() -> None:
    gray = blobs()
    residual = np.full(gray.shape, 2, np.float32)
    mask = np.ones(gray.shape, np.bool_)
    mask[:16, :8] = False
    residual[:16, :8] = 100
    mask[16:32, :16] = False
    found = brightness_change(gray, (residual, -residual), mask, 16)
    assert found.tracked[0, 0] == 0.5
    assert found.tracked[1, 0] == 0
    seen = found.tracked > 0
    np.testing.assert_allclose(found.change[0][seen], 2, atol=1e-3)
    np.testing.assert_allclose(found.change[1][seen], -2, atol=1e-3)
    assert found.variance.max() < 1e-2


def test_noise_is_scatter() -> None:
    gray = blobs()
    noise = np.random.default_rng(1).normal(0, 3, gray.shape).astype(np.float32)
    found = brightness_change(gray, (noise,), np.ones(gray.shape, np.bool_), 16)
    np.testing.assert_allclose(found.variance.mean(), 9, rtol=0.1)


def test_blocks_are_centred_and_whole() -> None:
    x = np.zeros((10, 18), np.float32)
    x[1:9, 1:9] = 4
    np.testing.assert_array_equal(block_mean(x, 8), [[4, 0]])
    assert block_mean(np.ones((5, 5), np.float32), 8).tolist() == [[1.0]]
