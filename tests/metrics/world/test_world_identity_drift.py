"""A cast that stays is told from one that melts, leaves, is replaced, or is forgotten."""

from __future__ import annotations

import pytest

from lvbench.metrics import world_identity_drift
from lvbench.results.schema import ItemScore
from tests.metrics.world.world_clips import FPS, RETURN, STILL, Clip, blurred, clip, spliced, turned

SWAPPED = STILL.replace("red solid disc", "green solid disc")
ALONE = STILL.replace("red solid disc, ", "")


@pytest.fixture(scope="module")
def still() -> Clip:
    return clip([(0.0, STILL)])


def scored(frames: Clip, prompt: str = STILL) -> ItemScore:
    return world_identity_drift(frames, FPS, prompts=[(0.0, prompt)])


def value(score: ItemScore) -> float:
    assert score.value is not None
    return score.value


def test_the_renderers_cast_stays(still: Clip) -> None:
    score = scored(still)
    assert value(score) > -0.03
    assert score.components["presence"] > 0.85
    assert score.components["mean"] > 0.95
    assert not score.events
    assert "returning" not in score.components


def test_a_member_that_is_replaced_is_named_with_who_is_there_instead(still: Clip) -> None:
    score = scored(spliced(still, clip([(0.0, SWAPPED)]), 10.0))
    assert value(score) == pytest.approx(-1 / 6, abs=0.05)
    assert score.components["end_level"] == pytest.approx(value(score), abs=0.03)
    (event,) = [event for event in score.events if event.kind == "swap"]
    assert event.details == {"member": "red solid disc", "instead": "green solid disc"}
    assert event.start == pytest.approx(10.0, abs=1.0)
    assert score.components["strangers"] > 0.3


def test_a_member_that_is_missing_is_lost(still: Clip) -> None:
    score = scored(spliced(still, clip([(0.0, ALONE)]), 10.0))
    assert value(score) == pytest.approx(-1 / 3, abs=0.08)
    assert [event.kind for event in score.events] == ["loss"]
    assert score.events[0].details == {"member": "red solid disc"}


def test_a_cast_that_was_never_there_scores_worst(still: Clip) -> None:
    other = "scene=meadow; cast=green solid cross; camera=still; light=noon"
    never = scored(still, other)
    late = scored(spliced(clip([(0.0, other)]), still, 10.0), other)
    assert value(never) <= value(late) < -0.4
    assert never.components["end_level"] == pytest.approx(0.0, abs=0.1)
    assert never.components["presence"] < 0.1


def test_it_falls_with_blur_and_with_another_hue(still: Clip) -> None:
    soft = [value(scored(spliced(still, blurred(still, width), 10.0))) for width in (1.0, 4.0, 8.0)]
    assert soft[0] > -0.05
    assert soft[0] >= soft[1] >= soft[2]
    assert soft[2] < -0.2
    assert value(scored(spliced(still, turned(still, 90), 10.0))) < -0.15


def test_a_place_is_remembered_or_not() -> None:
    there = clip([(0.0, RETURN)], 34.0)
    kept = scored(there, RETURN)
    assert kept.components["returning"] > 0.9
    assert kept.components["returning_landmarks"] > 0.9
    assert not [event for event in kept.events if event.kind == "forgotten"]
    # From the camera's way back on another seed: its landmarks wear other tints.
    forgot = scored(spliced(there, clip([(0.0, RETURN)], 34.0, seed=1), 11.0), RETURN)
    assert forgot.components["returning_landmarks"] < 0.7
    assert forgot.components["returning_cast"] == kept.components["returning_cast"]
    assert {event.details["what"] for event in forgot.events} == {"landmarks"}
    # The cast is another one when the camera is home again.
    other = RETURN.replace(
        "yellow solid cross, pink solid ring", "green solid disc, red solid disc"
    )
    lost = scored(spliced(there, clip([(0.0, other)], 34.0), 11.0), RETURN)
    assert lost.components["returning_cast"] == 0
    assert lost.components["returning_landmarks"] > 0.9


def test_a_scheduled_change_of_cast_is_no_drift() -> None:
    after = "scene=snow; cast=orange striped triangle; camera=still; light=dusk"
    prompts = [(0.0, STILL), (10.0, after)]
    score = world_identity_drift(clip(prompts), FPS, prompts=prompts)
    assert value(score) > -0.05
    ignored = world_identity_drift(clip([(0.0, STILL)]), FPS, prompts=prompts)
    assert value(ignored) < -0.4


@pytest.mark.parametrize("prompts", [[], [(0.0, "A red boat.")], [(1.0, STILL)]])
def test_other_prompts_are_none_of_the_worlds(
    still: Clip, prompts: list[tuple[float, str]]
) -> None:
    score = world_identity_drift(still, FPS, prompts=prompts)
    assert (score.status, score.code) == ("not_applicable", "no_world_prompt")


def test_too_short_a_clip_is_said_to_be(still: Clip) -> None:
    assert scored(still[:16]).code == "too_short"
    assert scored(still[:1]).code == "too_short"
