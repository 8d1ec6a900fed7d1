"""Colour drift follows a colour ramp, and blur not at all; a grey clip has no hue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import colour_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.colour_drift import ColourDrift
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0
REAL = ["mdn_flower.mp4", "worldmark_m1_good.mp4", "intel_car-detection.mp4"]


def value(clip: Clip, fps: float = FPS) -> float:
    found = colour_drift(clip, fps).value
    assert found is not None
    return found


def turning(degrees: float, seconds: float = 8.0) -> Clip:
    """Return a flat clip whose hue turns steadily from 150 degrees, at constant chroma 20."""
    import cv2

    frames = []
    for share in np.linspace(0, 1, round(seconds * FPS)):
        angle = np.radians(150 + degrees * share)
        lab = np.full((16, 16, 3), (60, 20 * np.cos(angle), 20 * np.sin(angle)), np.float32)
        frames.append(np.rint(255 * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)).astype(np.uint8))
    return np.stack(frames)


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_clip_is_near_zero(world_clip: Callable[..., Clip], seed: int) -> None:
    assert value(world_clip(seed)) < 5


def grows_with_the_dose(clip: Clip, fps: float) -> None:
    values = [value(planted_array("warm_ramp", clip, fps, dose), fps) for dose in (0.1, 0.2, 0.4)]
    assert values[0] > value(clip, fps) + 1
    assert np.diff(values).min() > 4
    assert values[-1] > 20


def test_a_colour_ramp_moves_it_with_its_dose(world_clip: Callable[..., Clip]) -> None:
    grows_with_the_dose(world_clip(), FPS)


@pytest.mark.assets
@pytest.mark.parametrize("name", REAL)
def test_a_colour_ramp_moves_it_on_real_video(
    real_clip: Callable[[str], tuple[Clip, float]], name: str
) -> None:
    grows_with_the_dose(*real_clip(name))


@pytest.mark.parametrize(
    ("name", "dose"), [("dark_ramp", 0.25), ("blur_ramp", 4.0), ("noise_ramp", 10.0)]
)
def test_light_and_focus_do_not_move_it(
    world_clip: Callable[..., Clip], name: str, dose: float
) -> None:
    clip = world_clip()
    assert abs(value(planted_array(name, clip, FPS, dose)) - value(clip)) < 1.0


@pytest.mark.parametrize("course", ["middle", "early", "blip", "late"])
def test_a_tint_counts_wherever_it_is(world_clip: Callable[..., Clip], course: str) -> None:
    clip = world_clip()
    found = [value(planted_array(f"warm_{course}", clip, FPS, d)) for d in (0, 0.1, 0.2)]
    assert np.diff(found).min() > 3
    assert found[2] - found[0] == pytest.approx(14, rel=0.3)


def test_a_turn_of_hue_is_unwrapped_and_signed() -> None:
    # From 150 degrees through 180: an angle between -180 and 180 would jump.
    for degrees in (60.0, -60.0):
        found = colour_drift(turning(degrees), FPS)
        # The ends are two segments each, whose middle is one sixteenth of the clip away.
        assert found.components["hue_end_level"] == pytest.approx(degrees * 14 / 16, abs=1.5)
        assert found.components["hue_slope_per_minute"] == pytest.approx(degrees * 7.5, rel=0.05)
        assert abs(found.components["chroma_end_level"]) < 0.5
        chord = 2 * 20 * np.sin(np.radians(60 * 14 / 16 / 2))
        assert found.value == pytest.approx(chord, rel=0.2)


def test_fading_to_grey_is_a_loss_of_chroma(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip().astype(np.float64)
    share = np.linspace(0, 1, len(clip))[:, None, None, None]
    grey = clip.mean(axis=3, keepdims=True)
    faded = np.rint(clip * (1 - 0.9 * share) + grey * 0.9 * share).astype(np.uint8)
    found = colour_drift(faded, FPS)
    assert found.components["chroma_end_level"] < -4
    assert found.components["chroma_outside"] > 0.4
    assert found.value is not None
    assert found.value > value(world_clip()) + 4


def test_a_grey_clip_has_no_hue_and_no_shift(world_clip: Callable[..., Clip]) -> None:
    grey = world_clip().mean(axis=3, keepdims=True).astype(np.uint8).repeat(3, axis=3)
    found = colour_drift(grey, FPS)
    assert found.status == "ok"
    assert found.value == pytest.approx(0, abs=0.01)
    assert "hue" not in found.series
    assert not [name for name in found.components if name.startswith("hue_")]


def test_a_step_has_its_onset_within_one_segment(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip().copy()
    clip[48:] = np.clip(np.rint(clip[48:] * [1.3, 1.0, 0.7]), 0, 255)
    found = colour_drift(clip, FPS).components
    assert abs(found["hue_onset"] - 4.0) <= 0.5


def test_too_short_is_not_applicable(world_clip: Callable[..., Clip]) -> None:
    assert colour_drift(world_clip()[:54], FPS).code == "too_short"


@pytest.mark.parametrize(
    ("persist", "code"),
    [(None, "too_short"), (frozenset({"light"}), "too_short"), (frozenset(), "ordered_change")],
)
def test_change_that_the_prompts_order_is_not_drift(
    persist: frozenset[str] | None, code: str
) -> None:
    metric = ColourDrift()
    assert metric.item(metric.new_state(VideoContext(persist=persist))).code == code
