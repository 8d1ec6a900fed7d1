"""Contrast drift follows lost contrast wherever it is, and neither light, focus nor noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import contrast_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.contrast_drift import ContrastDrift
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0


def value(clip: Clip) -> float:
    found = contrast_drift(clip, FPS).value
    assert found is not None
    return found


def test_half_the_contrast_is_minus_six_decibels(world_clip: Callable[..., Clip]) -> None:
    clip = np.repeat(world_clip()[:1], 96, axis=0)
    found = contrast_drift(planted_array("contrast_late", clip, FPS, 0.5), FPS)
    assert found.value == pytest.approx(6, abs=0.3)
    assert found.components["end_level"] == pytest.approx(-6, abs=0.3)
    assert value(clip) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("course", ["ramp", "middle", "early", "blip", "late"])
def test_it_grows_with_the_dose(world_clip: Callable[..., Clip], course: str) -> None:
    clip = world_clip()
    found = [value(planted_array(f"contrast_{course}", clip, FPS, d)) for d in (0, 0.2, 0.4, 0.6)]
    assert np.diff(found).min() > 0.5
    assert found[-1] > found[0] + 5


@pytest.mark.parametrize(
    ("name", "dose"),
    [("dark_ramp", 0.4), ("blur_ramp", 3.0), ("noise_ramp", 8.0), ("saturation_ramp", 0.8)],
)
def test_light_focus_noise_and_colour_hardly_move_it(
    world_clip: Callable[..., Clip], name: str, dose: float
) -> None:
    clip = world_clip()
    assert abs(value(planted_array(name, clip, FPS, dose)) - value(clip)) < 0.4


def test_a_jump_is_found_while_objects_cross(world_clip: Callable[..., Clip]) -> None:
    clip = np.repeat(world_clip()[:1], 96, axis=0)
    rows, columns = clip.shape[1:3]
    for i in range(96):
        left = round((i / 24 % 1 * 1.5 - 0.5) * columns)
        clip[i, rows // 4 : rows // 2, max(0, left) : max(0, left + columns // 3)] = 255
    for course in ("middle", "early", "blip", "late"):
        found = [value(planted_array(f"contrast_{course}", clip, FPS, d)) for d in (0, 0.2, 0.5)]
        assert np.diff(found).min() > 1
        assert found[2] - found[0] == pytest.approx(6, abs=1.2)


def test_fog_and_a_black_clip_have_values(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    assert value(planted_array("collapse_late", clip, FPS, 0.95)) > value(clip) + 8
    assert value(np.zeros((72, 16, 16, 3), np.uint8)) == 0


@pytest.mark.parametrize(("persist", "code"), [("light", "too_short"), ("x", "ordered_change")])
def test_change_that_the_prompts_order_is_not_drift(persist: str, code: str) -> None:
    metric = ContrastDrift()
    context = VideoContext(persist=frozenset({persist}))
    assert metric.item(metric.new_state(context)).code == code
