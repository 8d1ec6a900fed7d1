"""Light that follows its schedule is told from light that does not."""

from __future__ import annotations

import math

import pytest

from lvbench.metrics import world_light
from lvbench.metrics.common.world_cast import SETTLE
from tests.metrics.world.world_clips import FPS, STILL, Clip, Prompts, brighter, clip

CYCLE = STILL.replace("light=noon", "light=cycle")
DUSK = STILL.replace("light=noon", "light=dusk")


def value(frames: Clip, prompts: Prompts) -> float:
    score = world_light(frames, FPS, prompts=prompts)
    assert score.value is not None
    return score.value


@pytest.mark.parametrize("prompt", [STILL, DUSK, CYCLE])
@pytest.mark.parametrize("level", [1, 2])
def test_the_renderers_light_is_the_ordered_one(prompt: str, level: int) -> None:
    assert value(clip([(0.0, prompt)], 40.0, level=level), [(0.0, prompt)]) < 0.12


@pytest.mark.parametrize("gain", [0.8, 0.6, 0.4])
def test_darkening_is_told_in_stops(gain: float) -> None:
    score = world_light(brighter(clip([(0.0, STILL)]), gain), FPS, prompts=[(0.0, STILL)])
    assert score.value == pytest.approx(-math.log2(gain), abs=0.05)
    assert score.components["bias"] == pytest.approx(math.log2(gain), abs=0.05)


def test_light_that_ignores_its_schedule_is_off() -> None:
    noon = clip([(0.0, STILL)], 40.0)
    score = world_light(noon, FPS, prompts=[(0.0, CYCLE)])
    assert score.value is not None
    assert score.value > 0.5
    assert score.components["worst"] > 1.2
    assert value(noon, [(0.0, DUSK)]) == pytest.approx(0.72, abs=0.1)


def test_what_follows_a_cut_may_settle() -> None:
    prompts = [(0.0, STILL), (10.0, DUSK)]
    frames = clip(prompts)
    late = frames.copy()
    late[80 : 80 + round(SETTLE * FPS)] = frames[0]
    assert value(late, prompts) == pytest.approx(value(frames, prompts), abs=1e-9)


def test_without_a_schedule_there_is_nothing_to_compare_with() -> None:
    frames = clip([(0.0, STILL)], 4.0)
    assert world_light(frames, FPS, prompts=[]).code == "no_world_prompt"
    assert world_light(frames, FPS, prompts=[(0.0, "a boat")]).code == "no_world_prompt"
    assert world_light(frames[:1], FPS, prompts=[(0.0, STILL)]).code == "too_short"
