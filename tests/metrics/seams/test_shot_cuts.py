from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics import shot_cuts
from lvbench.metrics.base import VideoContext
from lvbench.metrics.seams.shot_cuts import ShotCuts
from lvbench.results.schema import ItemScore

Clip = NDArray[np.uint8]
FPS = 12.0


@pytest.fixture(scope="module")
def two_shots(world_clip: Callable[..., Clip]) -> Clip:
    """Return 4 s of one clip, then 4 s of another."""
    return np.concatenate([world_clip(1)[:48], 255 - world_clip(5)[:48, ::-1]])


def scored(found: list[float], **context: object) -> ItemScore:
    metric = ShotCuts()
    state = metric.new_state(VideoContext(**context))  # type: ignore[arg-type]
    metric.update(state, {"shots": Features(np.array(found), {"seconds": np.array([60.0])})})
    return metric.item(state)


def test_a_cut_is_found_where_it_is(two_shots: Clip) -> None:
    score = shot_cuts(two_shots, FPS)
    (event,) = score.events
    assert event.start == pytest.approx(48 / FPS)
    assert event.details == {"declared": "no"}
    assert score.value == score.components["cuts"] == pytest.approx(60 / (95 / FPS))


def test_one_shot_has_no_cut(world_clip: Callable[..., Clip]) -> None:
    assert shot_cuts(world_clip(), FPS).value == 0.0


def test_a_planned_cut_is_told_from_one_that_nobody_asked_for() -> None:
    score = scored([4.0, 20.0, 40.0], cuts=(4.2, 30.0))
    assert (score.value, score.components) == (2.0, {"cuts": 3.0})
    assert [event.details["declared"] for event in score.events] == ["yes", "no", "no"]


PROMPTS = ((0.0, "a street"), (20.0, "a beach"), (40.0, "a beach"))


def test_a_new_prompt_orders_a_cut_unless_the_scene_must_stay() -> None:
    cuts = [20.8, 40.0]
    assert scored(cuts, prompts=PROMPTS).value == 1.0
    assert scored(cuts, prompts=PROMPTS, persist=frozenset({"scene"})).value == 2.0
    assert scored([22.0], prompts=PROMPTS).value == 1.0


def test_where_the_scene_may_change_only_declared_cuts_make_others_undeclared() -> None:
    free = frozenset({"style"})
    assert scored([30.0], persist=free).code == "ordered_change"
    assert scored([10.0, 30.0], persist=free, cuts=(10.0,)).value == 1.0
