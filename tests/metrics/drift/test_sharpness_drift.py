"""Sharpness drift follows blur wherever it is, and neither noise, contrast, light nor colour."""

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
    assert -2.5 < value(world_clip(seed)) <= 0


def grows_with_the_dose(clip: Clip, fps: float) -> None:
    found = [sharpness_drift(planted_array("blur_ramp", clip, fps, d), fps) for d in (0, 1, 2, 4)]
    assert np.diff([f.components["end_level"] for f in found]).max() < -1
    assert np.diff([float(f.value or 0) for f in found]).max() < -1
    assert found[-1].components["end_level"] < found[0].components["end_level"] - 6


def test_a_blur_ramp_lowers_the_end_with_its_dose(world_clip: Callable[..., Clip]) -> None:
    grows_with_the_dose(world_clip(), FPS)


@pytest.mark.assets
@pytest.mark.parametrize("name", REAL)
def test_a_blur_ramp_counts_on_real_video(
    real_clip: Callable[[str], tuple[Clip, float]], name: str
) -> None:
    grows_with_the_dose(*real_clip(name))


@pytest.mark.parametrize("course", ["middle", "early", "blip", "late"])
def test_blur_counts_wherever_it_is(world_clip: Callable[..., Clip], course: str) -> None:
    clip = world_clip()
    found = [value(planted_array(f"blur_{course}", clip, FPS, d)) for d in (0, 1.3, 3.0)]
    assert np.diff(found).max() < -1


@pytest.mark.parametrize(
    ("name", "dose"),
    [
        ("dark_ramp", 0.4),
        ("bright_ramp", 0.2),
        ("contrast_ramp", 0.5),
        ("saturation_ramp", 0.8),
        ("hue_ramp", 45.0),
        ("warm_ramp", 0.3),
        ("noise_ramp", 8.0),
        ("noise_late", 20.0),
    ],
)
def test_light_colour_contrast_and_noise_hardly_move_it(
    world_clip: Callable[..., Clip], name: str, dose: float
) -> None:
    clip = world_clip()
    assert abs(value(planted_array(name, clip, FPS, dose)) - value(clip)) < 0.5


def test_a_collapse_to_fog_is_a_loss(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    found = sharpness_drift(planted_array("collapse_late", clip, FPS, 0.95), FPS)
    assert found.components["end_level"] < -3
    assert found.value is not None
    assert found.value < value(clip) - 3


def test_a_step_has_its_onset_within_one_segment(world_clip: Callable[..., Clip]) -> None:
    import cv2

    clip = world_clip().copy()
    for frame in clip[48:]:
        frame[:] = cv2.GaussianBlur(frame, (0, 0), 1.2)
    found = sharpness_drift(clip, FPS).components
    assert abs(found["onset"] - 4.0) <= 0.5
    assert found["outside"] == pytest.approx(0.5, abs=0.05)


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
