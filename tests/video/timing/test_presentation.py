from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.frames import Frames
from lvbench.video.timing.presentation import Presentation, Presenter, Survey

Luma = NDArray[np.uint8]


def texture(seed: int = 0, height: int = 96, width: int = 640) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).uniform(0, 255, (height, width)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 3.0)
    return np.asarray(cv2.normalize(soft, None, 20, 235, cv2.NORM_MINMAX))


def panning(count: int = 60, speed: float = 1.5) -> Luma:
    """Return a pan at `speed` pixels per frame, `(count, 96, 160)`."""
    whole = texture()
    shift = [np.array([[1, 0, -k * speed], [0, 1, 0]], np.float32) for k in range(count)]
    frames = [cv2.warpAffine(whole, s, (160, 96), flags=cv2.INTER_LINEAR) for s in shift]
    return np.rint(np.stack(frames)).astype(np.uint8)


def seen(
    luma: Luma,
    pts: NDArray[np.float64] | None = None,
    rate: float = 24.0,
    end: float | None = None,
) -> Presentation:
    pts = np.arange(len(luma)) / rate if pts is None else pts
    survey = Survey()
    for start in range(0, len(luma), 7):
        survey.add(Frames(pts[start : start + 7], luma[start : start + 7]))
    return survey.presentation(float(pts[-1]) + 1 / rate if end is None else end)


def noisy(luma: Luma, levels: float) -> Luma:
    noise = np.random.default_rng(1).normal(0, levels, luma.shape)
    return np.clip(np.rint(luma + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("levels", [0.0, 2.0])
def test_repeats_are_one_picture_shown_longer(times: int, levels: float) -> None:
    clip = noisy(np.repeat(panning(), times, axis=0), levels)
    found = seen(clip, rate=16.0 * times)
    assert len(found.pts) == 60
    np.testing.assert_allclose(found.pts, np.arange(60) / 16, atol=1e-9)
    assert found.repeated == 60 * (times - 1)
    assert found.rate == pytest.approx(16)


@pytest.mark.parametrize("speed", [0.2, 1.5, 6.0])
def test_motion_at_any_speed_is_no_repeat(speed: float) -> None:
    assert seen(panning(speed=speed)).distinct.all()
    assert seen(noisy(panning(speed=speed), 2.0)).distinct.all()


def test_grain_on_a_still_is_no_repeat() -> None:
    assert seen(noisy(np.repeat(panning(1), 60, axis=0), 1.0)).distinct.all()


def test_a_small_sprite_before_a_still_camera_is_no_repeat() -> None:
    clip = np.repeat(panning(1), 60, axis=0)
    for k, frame in enumerate(clip):
        frame[40:50, 20 + k : 30 + k] = 255 - frame[40:50, 20 + k : 30 + k] // 2
    assert seen(clip).distinct.all()


def test_a_hold_is_the_same_however_it_is_written() -> None:
    clip = panning()
    count = np.where(np.arange(60) == 30, 40, 1)
    constant = seen(np.repeat(clip, count, axis=0))
    variable = seen(clip, (np.cumsum(count) - count) / 24)
    np.testing.assert_allclose(constant.pts, variable.pts)
    assert constant.distinct.all()
    np.testing.assert_array_equal(variable.copies, count)
    assert (constant.rate, constant.repeated) == (pytest.approx(24), 0)


def test_a_last_frame_that_is_held_is_there_at_every_step() -> None:
    found = seen(panning(48), end=4.0)
    assert found.copies[-1] == 49
    np.testing.assert_allclose(found.pts, np.arange(96) / 24)


def test_a_still_video_keeps_its_frames() -> None:
    found = seen(np.repeat(panning(1), 48, axis=0))
    np.testing.assert_allclose(found.pts, np.arange(48) / 24)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_frames(count: int) -> None:
    found = seen(panning(count))
    assert found.distinct.all()


def test_chunks_hold_the_pictures_alone_with_their_times() -> None:
    clip = np.repeat(panning(), 2, axis=0)
    told = seen(clip, rate=48.0)
    present = Presenter(told)
    parts = [
        present(Frames(np.arange(a, min(a + 7, 120)) / 48, clip[a : a + 7]))
        for a in range(0, 120, 7)
    ]
    np.testing.assert_allclose(np.concatenate([p.pts for p in parts]), told.pts)
    np.testing.assert_array_equal(np.concatenate([p.luma for p in parts]), panning())


def test_a_repeated_stamp_says_nothing_of_the_time() -> None:
    """The reader puts such a frame a thousandth of a step after the one before it."""
    regular = np.arange(60) / 24
    repeated = regular.copy()
    repeated[30] = regular[29] + 1 / 24000
    repeated[40:42] = regular[39] + np.array([1, 2]) / 24000
    np.testing.assert_allclose(seen(panning(), repeated, end=2.5).pts, regular, atol=1e-9)
    # Before a hold it is shown for a step, not for half of the hold.
    held = regular + 2.0 * (np.arange(60) > 30)
    held[30] = held[29] + 1 / 24000
    found = seen(panning(), held, end=4.5)
    assert found.pts[30] == pytest.approx(regular[30])
    assert found.copies[30] == 49
