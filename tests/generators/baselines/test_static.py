"""One picture is shown all the time: the world's own where the prompt is of the world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.generators.baselines.oracle import EXAMPLE, world_of
from lvbench.generators.baselines.static import Static
from lvbench.generators.contract.base import Request
from lvbench.video.manifest.entry import Prompt

PLAIN = Request("a", (Prompt(text="a fox"),), 5.25, 8.0, 64, 48, 3)
WORLD = replace(PLAIN, prompts=(Prompt(text=EXAMPLE[0]), Prompt(start=2.0, text=EXAMPLE[1])))


@pytest.mark.parametrize("request_", [PLAIN, WORLD, replace(PLAIN, prompts=())])
def test_all_frames_are_one(request_: Request) -> None:
    found = np.concatenate(list(Static().frames(request_)))
    assert found.shape == (42, 48, 64, 3)
    assert (found == found[0]).all()
    assert found[0].std() > 10


def first(request: Request) -> NDArray[np.uint8]:
    return next(Static().frames(request))[0]


def test_the_worlds_first_frame_is_shown_where_the_prompt_is_of_the_world() -> None:
    np.testing.assert_array_equal(first(WORLD), world_of(WORLD).render(0, 1, 64, 48)[0])


def test_the_still_depends_on_prompt_and_seed_and_is_smooth() -> None:
    still = first(PLAIN)
    assert not np.array_equal(still, first(replace(PLAIN, seed=4)))
    assert not np.array_equal(still, first(replace(PLAIN, prompts=(Prompt(text="a cat"),))))
    assert np.abs(np.diff(still.astype(int), axis=1)).max() < 40
