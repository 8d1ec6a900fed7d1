"""Noise drift follows noise wherever it is, and neither texture, light nor focus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import noise_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.noise_drift import NoiseDrift
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0


def value(clip: Clip) -> float:
    found = noise_drift(clip, FPS).value
    assert found is not None
    return found


@pytest.mark.parametrize("course", ["ramp", "middle", "early", "blip", "late"])
def test_it_grows_with_the_noise(world_clip: Callable[..., Clip], course: str) -> None:
    clip = world_clip()
    found = [value(planted_array(f"noise_{course}", clip, FPS, d)) for d in (0, 4, 8, 16)]
    assert np.diff(found).min() > 1
    # Independent noise of 8 levels in red, green and blue is 5.3 in luma; the floor is 1.
    assert found[2] - found[0] == pytest.approx(np.hypot(5.3, 1) - 1, rel=0.15)


def test_noise_below_the_floor_hardly_counts() -> None:
    rng = np.random.default_rng(0)
    clip = np.full((72, 64, 96, 3), 120, np.uint8)
    clip[36:] += rng.integers(0, 2, (36, 64, 96, 1), np.uint8)  # half a level
    assert 0 < value(clip) < 0.2


def test_more_noise_is_a_rise(world_clip: Callable[..., Clip]) -> None:
    found = noise_drift(planted_array("noise_late", world_clip(), FPS, 8.0), FPS).components
    assert found["end_level"] == pytest.approx(4.6, abs=0.4)
    assert 0.1 < found["outside"] < 0.2


@pytest.mark.parametrize(
    ("name", "dose"),
    [("dark_ramp", 0.25), ("blur_ramp", 0.6), ("contrast_ramp", 0.3), ("hue_ramp", 20.0)],
)
def test_light_focus_contrast_and_colour_hardly_move_it(
    world_clip: Callable[..., Clip], name: str, dose: float
) -> None:
    clip = world_clip()
    assert abs(value(planted_array(name, clip, FPS, dose)) - value(clip)) < 0.5


@pytest.mark.parametrize(("persist", "code"), [("style", "too_short"), ("x", "ordered_change")])
def test_change_that_the_prompts_order_is_not_drift(persist: str, code: str) -> None:
    metric = NoiseDrift()
    context = VideoContext(persist=frozenset({persist}))
    assert metric.item(metric.new_state(context)).code == code
