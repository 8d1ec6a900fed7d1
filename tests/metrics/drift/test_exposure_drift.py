"""Exposure drift follows a brightness ramp, and hardly anything else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import exposure_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.exposure_drift import ExposureDrift
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0
REAL = ["mdn_flower.mp4", "worldmark_m1_good.mp4", "intel_car-detection.mp4"]


def value(clip: Clip, fps: float = FPS) -> float:
    found = exposure_drift(clip, fps).value
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_clip_is_near_zero(world_clip: Callable[..., Clip], seed: int) -> None:
    assert abs(value(world_clip(seed))) < 5


def grows_with_the_dose(clip: Clip, fps: float) -> None:
    ends = []
    for name in ("dark_ramp", "bright_ramp"):
        found = [exposure_drift(planted_array(name, clip, fps, d), fps) for d in (0, 0.2, 0.4)]
        ends.append([f.components["end_level"] for f in found])
    assert np.diff(ends[0]).max() < -3
    assert np.diff(ends[1]).min() > 3
    # About 45 L* a unit of gain for a clip of middle brightness.
    assert 20 < ends[1][-1] - ends[0][-1] < 50


def test_a_brightness_ramp_moves_the_end_in_its_direction_with_its_dose(
    world_clip: Callable[..., Clip],
) -> None:
    grows_with_the_dose(world_clip(), FPS)


@pytest.mark.assets
@pytest.mark.parametrize("name", REAL)
def test_a_brightness_ramp_moves_it_on_real_video(
    real_clip: Callable[[str], tuple[Clip, float]], name: str
) -> None:
    grows_with_the_dose(*real_clip(name))


@pytest.mark.parametrize("course", ["middle", "early", "blip", "late"])
def test_darkness_counts_wherever_it_is(world_clip: Callable[..., Clip], course: str) -> None:
    clip = world_clip()
    found = [value(planted_array(f"dark_{course}", clip, FPS, d)) for d in (0, 0.15, 0.3, 0.6)]
    assert np.diff(found).min() > 3
    assert found[2] - found[0] == pytest.approx(14, rel=0.3)


@pytest.mark.parametrize(
    ("name", "dose"), [("blur_ramp", 4.0), ("contrast_ramp", 0.5), ("noise_ramp", 10.0)]
)
def test_other_changes_do_not_move_it(
    world_clip: Callable[..., Clip], name: str, dose: float
) -> None:
    clip = world_clip()
    assert abs(value(planted_array(name, clip, FPS, dose)) - value(clip)) < 0.5


def test_a_colour_ramp_moves_it_far_less_than_a_brightness_ramp_of_that_dose(
    world_clip: Callable[..., Clip],
) -> None:
    clip = world_clip()
    bright = value(planted_array("bright_ramp", clip, FPS, 0.3)) - value(clip)
    warm = value(planted_array("warm_ramp", clip, FPS, 0.3)) - value(clip)
    assert abs(warm) < bright / 3


@pytest.mark.parametrize("seconds", [3.0, 4.0, 5.25])
def test_a_step_has_its_onset_within_one_segment(
    world_clip: Callable[..., Clip], seconds: float
) -> None:
    clip = world_clip().copy()
    at = round(seconds * FPS)
    clip[at:] = np.rint(clip[at:] * 0.75)
    found = exposure_drift(clip, FPS).components
    assert abs(found["onset"] - seconds) <= 0.5
    assert found["steady"] == 0


def test_clipping_is_counted_beside_it(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    burnt = exposure_drift(planted_array("bright_ramp", clip, FPS, 1.5), FPS).components
    clean = exposure_drift(clip, FPS).components
    assert clean["clipped"] < 0.005
    assert burnt["clipped"] > 0.1
    assert burnt["clipped_end_level"] > 0.2


def test_the_same_clip_gives_the_same_drift_at_any_segment_length(
    world_clip: Callable[..., Clip],
) -> None:
    clip = planted_array("dark_ramp", world_clip(), FPS, 0.4)
    found = [exposure_drift(clip, FPS, segment_seconds=s) for s in (0.25, 0.5)]
    assert found[0].value == found[1].value
    slopes = [f.components["slope_per_minute"] for f in found]
    assert slopes[0] == pytest.approx(slopes[1], rel=0.06)


def test_too_short_is_not_applicable(world_clip: Callable[..., Clip]) -> None:
    found = exposure_drift(world_clip()[: round(4.5 * FPS)], FPS)
    assert (found.status, found.code, found.value) == ("not_applicable", "too_short", None)
    assert "9 segments of 0.5 s" in str(found.detail)


def test_change_that_the_prompts_order_is_not_drift() -> None:
    metric = ExposureDrift()
    free = VideoContext(persist=frozenset({"identity", "scene"}))
    assert metric.item(metric.new_state(free)).code == "ordered_change"


def test_series_are_at_segment_centres(world_clip: Callable[..., Clip]) -> None:
    found = exposure_drift(world_clip(), FPS)
    assert set(found.series) == {"lightness", "clipped"}
    assert found.series["lightness"].t == [0.25 + 0.5 * i for i in range(16)]
