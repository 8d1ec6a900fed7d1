"""Sharpness drift follows a blur ramp, and hardly brightness, contrast or colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import sharpness_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.sharpness_drift import SharpnessDrift
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0
REAL = ["mdn_flower.mp4", "worldmark_m1_good.mp4", "intel_car-detection.mp4"]


def value(clip: Clip, fps: float = FPS) -> float:
    found = sharpness_drift(clip, fps).value
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_clip_is_near_zero(world_clip: Callable[..., Clip], seed: int) -> None:
    assert abs(value(world_clip(seed))) < 1.5


def falls_with_the_dose(clip: Clip, fps: float) -> None:
    doses = [sigma * 256 / clip.shape[2] for sigma in (0.0, 0.75, 1.5, 3.0)]
    values = [value(planted_array("blur_ramp", clip, fps, dose), fps) for dose in doses]
    assert np.diff(values).max() < -2
    assert values[-1] < values[0] - 10


def test_a_blur_ramp_lowers_it_with_its_dose(world_clip: Callable[..., Clip]) -> None:
    falls_with_the_dose(world_clip(), FPS)


@pytest.mark.assets
@pytest.mark.parametrize("name", REAL)
def test_a_blur_ramp_lowers_it_on_real_video(
    real_clip: Callable[[str], tuple[Clip, float]], name: str
) -> None:
    falls_with_the_dose(*real_clip(name))


def test_a_clip_that_grows_sharper_has_the_opposite_sign(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    blurred = planted_array("blur_ramp", clip, FPS, 1.5 * 256 / clip.shape[2])
    backwards = np.ascontiguousarray(blurred[::-1])
    assert value(backwards) == pytest.approx(-value(blurred), abs=0.3)


@pytest.mark.parametrize(
    "plant",
    [
        lambda clip: planted_array("dark_ramp", clip, FPS, 0.4),
        lambda clip: planted_array("bright_ramp", clip, FPS, 0.4),
        lambda clip: planted_array("warm_ramp", clip, FPS, 0.4),
    ],
    ids=["darker", "brighter", "warmer"],
)
def test_light_and_colour_hardly_move_it(
    world_clip: Callable[..., Clip], plant: Callable[[Clip], Clip]
) -> None:
    clip = world_clip()
    assert abs(value(plant(clip)) - value(clip)) < 0.5


@pytest.mark.assets
@pytest.mark.parametrize("name", REAL)
def test_darkening_hardly_moves_it_on_real_video(
    real_clip: Callable[[str], tuple[Clip, float]], name: str
) -> None:
    clip, fps = real_clip(name)
    dark = planted_array("dark_ramp", clip, fps, 0.4)
    assert abs(value(dark, fps) - value(clip, fps)) < 0.5


def test_a_step_has_its_onset_within_one_segment(world_clip: Callable[..., Clip]) -> None:
    import cv2

    clip = world_clip().copy()
    for frame in clip[48:]:
        frame[:] = cv2.GaussianBlur(frame, (0, 0), 1.2)
    found = sharpness_drift(clip, FPS).components
    assert abs(found["onset"] - 4.0) <= 0.5


def test_a_black_clip_has_a_value() -> None:
    found = sharpness_drift(np.zeros((72, 16, 16, 3), np.uint8), FPS)
    assert found.value == 0
    assert found.components["steady"] == 1


def test_too_short_is_not_applicable(world_clip: Callable[..., Clip]) -> None:
    assert sharpness_drift(world_clip()[:54], FPS).code == "too_short"


@pytest.mark.parametrize(("persist", "code"), [("style", "too_short"), ("x", "ordered_change")])
def test_change_that_the_prompts_order_is_not_drift(persist: str, code: str) -> None:
    metric = SharpnessDrift()
    context = VideoContext(persist=frozenset({persist}))
    assert metric.item(metric.new_state(context)).code == code
