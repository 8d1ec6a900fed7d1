"""What is ordered is read back; another scene, another cast and a late change are told."""

from __future__ import annotations

import pytest

from lvbench.metrics import world_clip_text
from lvbench.results.schema import ItemScore
from tests.metrics.world.world_clips import FPS, STILL, Clip, Prompts, blurred, clip

ELSEWHERE = STILL.replace("meadow", "desert")
RECAST = STILL.replace("red solid disc, blue solid square", "green solid ring, pink solid cross")
STORY: Prompts = [
    (0.0, STILL),
    (10.0, "scene=snow; cast=orange striped triangle; camera=still; light=dusk"),
]


def scored(frames: Clip, prompts: Prompts) -> ItemScore:
    score = world_clip_text(frames, FPS, prompts=prompts)
    assert score.status == "ok"
    return score


def value(score: ItemScore) -> float:
    assert score.value is not None
    return score.value


@pytest.fixture(scope="module")
def still() -> Clip:
    return clip([(0.0, STILL)])


def test_the_renderers_clip_is_read_as_ordered(still: Clip) -> None:
    score = scored(still, [(0.0, STILL)])
    assert value(score) > 0.85
    assert score.components["scene"] == 1
    assert score.components["cast"] > 0.85
    assert score.components["strangers"] < 0.1


def test_another_scene_is_told(still: Clip) -> None:
    clean, other = scored(still, [(0.0, STILL)]), scored(clip([(0.0, ELSEWHERE)]), [(0.0, STILL)])
    assert other.components["scene"] == 0
    assert other.components["cast"] == pytest.approx(clean.components["cast"], abs=0.1)
    assert value(other) < value(clean) - 0.1


def test_another_cast_is_told(still: Clip) -> None:
    clean, other = scored(still, [(0.0, STILL)]), scored(clip([(0.0, RECAST)]), [(0.0, STILL)])
    assert other.components["scene"] == 1
    assert other.components["cast"] < 0.05
    assert other.components["strangers"] > 1.5
    assert value(other) < value(clean) - 0.2


def test_a_story_is_followed_late_or_not_at_all() -> None:
    told = scored(clip(STORY), STORY)
    assert told.components["scene"] == 1
    assert told.components["switches_missed"] == 0
    assert told.components["lag"] <= 0.5
    late = scored(clip([(0.0, STORY[0][1]), (13.0, STORY[1][1])]), STORY)
    assert late.components["lag"] == pytest.approx(3.0, abs=0.5)
    assert late.components["scene"] < 0.9
    never = scored(clip([(0.0, STILL)]), STORY)
    assert never.components["switches_missed"] == 1
    assert value(never) < value(late) < value(told)


def test_what_cannot_be_seen_is_not_read(still: Clip) -> None:
    cast = [
        scored(blurred(still, width) if width else still, [(0.0, STILL)]).components["cast"]
        for width in (0.0, 4.0, 8.0)
    ]
    assert cast[0] > cast[1] > cast[2]


def test_prompts_of_no_world_do_not_apply(still: Clip) -> None:
    for prompts in ([], [(0.0, "A red boat.")]):
        assert world_clip_text(still, FPS, prompts=prompts).code == "no_world_prompt"
    assert world_clip_text(still[:1], FPS, prompts=[(0.0, STILL)]).code == "too_short"
    assert world_clip_text(still[:1], FPS, prompts=[]).code == "too_short"
