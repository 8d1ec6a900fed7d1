"""A clip that goes on showing its scene and cast is told from one that does not."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics import world_clip_consistency
from lvbench.metrics.world.world_clip_consistency import BASELINE
from tests.metrics.world.world_clips import (
    FPS,
    RETURN,
    STILL,
    Clip,
    Prompts,
    blurred,
    clip,
    spliced,
)

ELSEWHERE = STILL.replace("meadow", "desert")
RECAST = STILL.replace("red solid disc, blue solid square", "green solid ring, pink solid cross")


def value(frames: Clip, prompts: Prompts) -> float:
    score = world_clip_consistency(frames, FPS, prompts=prompts)
    assert score.value is not None
    return score.value


@pytest.fixture(scope="module")
def still() -> Clip:
    return clip([(0.0, STILL)])


def test_the_renderers_clip_stays_what_it_is(still: Clip) -> None:
    assert value(still, [(0.0, STILL)]) > 0.9
    cycle = STILL.replace("light=noon", "light=cycle")
    assert value(clip([(0.0, cycle)], 40.0), [(0.0, cycle)]) > 0.85
    assert value(clip([(0.0, RETURN)], 32.0), [(0.0, RETURN)]) > 0.6


@pytest.mark.parametrize("other", [ELSEWHERE, RECAST])
def test_a_change_that_nobody_ordered_is_told(still: Clip, other: str) -> None:
    score, before = (
        world_clip_consistency(frames, FPS, prompts=[(0.0, STILL)])
        for frames in (spliced(still, clip([(0.0, other)]), 10.0), still)
    )
    assert score.components["to_first"] < before.components["to_first"] - 0.08
    assert score.components["to_others"] < before.components["to_others"] - 0.08
    # Half of the value is the similarity to the previous segment: one step moves it little.
    assert score.value is not None
    assert before.value is not None
    assert score.value < before.value - 0.04
    assert score.components["end_level"] < -0.15
    assert score.components["onset"] == pytest.approx(10.0, abs=1.0)


def test_it_falls_with_growing_blur(still: Clip) -> None:
    found = [
        value(spliced(still, blurred(still, width), 10.0), [(0.0, STILL)]) for width in (2, 5, 9)
    ]
    assert value(still, [(0.0, STILL)]) >= found[0] - 0.01
    assert found[0] > found[1] > found[2]


def test_noise_is_like_itself_and_wins_nothing(still: Clip) -> None:
    noise = np.random.default_rng(0).integers(0, 256, still.shape, np.uint8)
    score = world_clip_consistency(noise, FPS, prompts=[(0.0, STILL)])
    assert (score.status, score.code) == ("not_applicable", "not_shown")
    assert (
        world_clip_consistency(clip([(0.0, ELSEWHERE)]), FPS, prompts=[(0.0, RETURN)]).code
        == "not_shown"
    )


def test_what_is_ordered_to_change_is_no_inconsistency(still: Clip) -> None:
    prompts = [(0.0, STILL), (10.0, ELSEWHERE)]
    assert world_clip_consistency(clip(prompts), FPS, prompts=prompts).code == "ordered_change"
    assert world_clip_consistency(still, FPS, prompts=[(0.0, "a boat")]).code == "no_world_prompt"
    assert world_clip_consistency(still, FPS, prompts=[]).code == "no_world_prompt"
    assert world_clip_consistency(still[:1], FPS, prompts=[]).code == "too_short"
    assert 0 < BASELINE < 1
