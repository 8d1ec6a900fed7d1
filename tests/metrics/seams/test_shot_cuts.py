from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import shot_cuts

Clip = NDArray[np.uint8]
FPS = 12.0


@pytest.fixture
def two_shots(world_clip: Callable[..., Clip]) -> Clip:
    """Return 4 s of one clip, then 4 s of another."""
    return np.concatenate([world_clip(1)[:48], 255 - world_clip(5)[:48]])


def test_a_cut_is_found_where_it_is(two_shots: Clip) -> None:
    score = shot_cuts(two_shots, FPS)
    (event,) = score.events
    assert event.start == pytest.approx(48 / FPS)
    assert event.details == {"declared": "no"}
    assert score.value == pytest.approx(60 / (95 / FPS))
    assert "undeclared" not in score.components


def test_a_planned_cut_is_told_from_one_that_nobody_asked_for(two_shots: Clip) -> None:
    planned = shot_cuts(two_shots, FPS, cuts=[4.2])
    assert planned.events[0].details == {"declared": "yes"}
    assert planned.components["undeclared"] == 0.0
    other = shot_cuts(two_shots, FPS, cuts=[2.0])
    assert other.components["undeclared"] == pytest.approx(other.value)


def test_one_shot_has_no_cut(world_clip: Callable[..., Clip]) -> None:
    assert shot_cuts(world_clip(), FPS).value == 0.0
