from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import seam
from lvbench.validity.faults.catalogue import planted_array
from lvbench.validity.faults.seams import seam_regular
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FPS = 12.0
EVERY = 18


@pytest.fixture
def declared() -> list[float]:
    return [k / FPS for k in range(EVERY, 120, EVERY)]


def with_seams(clip: Clip, fps: float, every: int, dose: float) -> Clip:
    return planted_array(partial(seam_regular, every=every / fps), clip, fps, dose)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_clip_has_no_seams(world_clip: Callable[..., Clip], seed: int) -> None:
    score = seam(world_clip(seed, 10.0), FPS)
    assert score.value == 0.0
    assert score.flags == ["no_seams_found"]
    assert not score.events


def test_planted_seams_are_found_at_their_frames(
    world_clip: Callable[..., Clip], tmp_path: Path
) -> None:
    clip = with_seams(world_clip(1, 10.0), FPS, EVERY, 6.0)
    score = seam(encoded(clip, FPS, tmp_path), FPS)
    assert score.components["period"] == pytest.approx(EVERY / FPS)
    found = [event.start for event in score.events]
    planted = [k / FPS for k in range(EVERY, 120, EVERY)]
    assert all(min(abs(f - p) for f in found) <= 0.5 for p in planted)


def test_the_contrast_at_declared_seams_grows_with_their_strength(
    world_clip: Callable[..., Clip], declared: list[float]
) -> None:
    values = []
    for dose in (0.0, 2.0, 4.0, 8.0):
        clip = with_seams(world_clip(1, 10.0), FPS, EVERY, dose)
        value = seam(clip, FPS, seams=declared).value
        assert value is not None
        values.append(value)
    assert abs(values[0]) < 2.0
    assert values == sorted(values)
    assert values[-1] > 5.0


def test_a_declared_cut_is_no_seam(world_clip: Callable[..., Clip], declared: list[float]) -> None:
    clip = with_seams(world_clip(1, 10.0), FPS, EVERY, 6.0)
    assert seam(clip, FPS, seams=declared, cuts=declared).flags == ["no_seams_declared"]


def test_seams_without_a_rhythm_are_found_at_their_frames(
    world_clip: Callable[..., Clip], tmp_path: Path
) -> None:
    values = []
    for dose in (0.0, 2.0, 6.0):
        clip = planted_array("seam_irregular", world_clip(1, 10.0), FPS, dose)
        score = seam(encoded(clip, FPS, tmp_path), FPS)
        assert score.value is not None
        values.append(score.value)
    assert values == sorted(values)
    assert values[0] == 0.0
    assert values[1] > 4.0
    assert score.components["irregular"] > 0
    assert "irregular" in {event.details["source"] for event in score.events}


def test_noise_is_not_searched() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (24, 64, 96, 3), np.uint8)
    assert seam(noise, FPS).code == "untrackable"


SWITCHES = 30
STORY = [(k * SWITCHES / FPS, f"part {k}") for k in range(4)]


def test_the_contrast_at_switches_grows_with_their_jump(world_clip: Callable[..., Clip]) -> None:
    values = []
    for dose in (0.0, 2.0, 4.0, 8.0):
        score = seam(
            with_seams(world_clip(1, 10.0), FPS, SWITCHES, dose), FPS, seams=[], prompts=STORY
        )
        assert score.value == 0.0
        assert (score.detail or "").startswith("3 switches, 95 % interval")
        values.append(score.components["switches"])
    assert abs(values[0]) < 2.0
    assert values == sorted(values)
    assert values[-1] > 5.0


def test_a_picture_may_answer_a_new_prompt_some_frames_late(
    world_clip: Callable[..., Clip],
) -> None:
    clip = with_seams(world_clip(1, 10.0), FPS, SWITCHES, 8.0)
    values = []
    for late in (0, 4, 12):
        story = [(max(0.0, start - late / FPS), text) for start, text in STORY]
        values.append(seam(clip, FPS, seams=[], prompts=story).components["switches"])
    assert values[1] == pytest.approx(values[0], rel=0.2)
    # Half a second is the answer's time: what comes later is clip_text's lag.
    assert abs(values[2]) < 2.0


def test_a_hard_join_of_two_scenes_at_switches_is_a_jump(world_clip: Callable[..., Clip]) -> None:
    # Every other part is another world: the detector of cuts sees each join.
    one, other = world_clip(1, 10.0), world_clip(2, 10.0)
    part = np.arange(len(one)) // SWITCHES % 2
    clip = np.where(part[:, None, None, None] == 1, other, one)
    assert seam(clip, FPS, seams=[], prompts=STORY).components["switches"] > 10.0


def test_without_three_switches_there_is_no_contrast(world_clip: Callable[..., Clip]) -> None:
    clip = with_seams(world_clip(1, 10.0), FPS, SWITCHES, 8.0)
    repeated = [(start, "one text" if start < 6.0 else text) for start, text in STORY]
    for prompts in ([], STORY[:3], repeated):
        assert "switches" not in seam(clip, FPS, seams=[], prompts=prompts).components
    planned = seam(clip, FPS, seams=[], prompts=STORY, cuts=[STORY[1][0]])
    assert "switches" not in planned.components


@pytest.mark.assets
@pytest.mark.parametrize("name", ["worldmark_m2_good.mp4", "intel_car-detection.mp4"])
def test_planted_seams_in_a_real_clip_are_found_and_none_without(
    name: str, real_clip: Callable[..., tuple[Clip, float]], tmp_path: Path
) -> None:
    clip, fps = real_clip(name, 12.0)
    assert not seam(encoded(clip, fps, tmp_path), fps).events
    every = round(1.5 * fps)
    score = seam(encoded(with_seams(clip, fps, every, 8.0), fps, tmp_path), fps)
    assert score.components["period"] == pytest.approx(every / fps, abs=0.01)
    assert score.value is not None
    assert score.value > 4.0
