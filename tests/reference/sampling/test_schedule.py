"""All samplers are one matrix of frames against passes."""

from __future__ import annotations

import pytest

from lvbench.reference.sampling.schedule import in_flight, levels, ticks
from lvbench.reference.sampling.switches import Switches

ALL = [
    Switches(sampler="frame", steps=3),
    Switches(sampler="chunk", steps=3, chunk=4),
    Switches(sampler="rolling", steps=4),
]


@pytest.mark.parametrize("switches", ALL)
def test_each_frame_takes_each_step_once_and_in_order(switches: Switches) -> None:
    seen: dict[int, list[int]] = {}
    for tick in ticks(switches, 11):
        for place, step in enumerate(tick.steps):
            seen.setdefault(tick.first + place, []).append(step)
    assert seen == {frame: list(range(switches.steps)) for frame in range(11)}


@pytest.mark.parametrize("switches", ALL)
def test_no_frame_is_ahead_of_one_before_it(switches: Switches) -> None:
    for tick in ticks(switches, 11):
        assert sorted(tick.steps, reverse=True) == list(tick.steps)
        assert len(tick.steps) <= in_flight(switches)


@pytest.mark.parametrize(("switches", "passes"), [(ALL[0], 33), (ALL[1], 9), (ALL[2], 14)])
def test_passes(switches: Switches, passes: int) -> None:
    assert len(list(ticks(switches, 11))) == passes


def test_levels_fall_from_noise_to_a_clean_frame() -> None:
    assert levels(Switches(steps=4)) == (1.0, 0.75, 0.5, 0.25, 0.0)
    shifted = levels(Switches(steps=4, shift=3.0))
    assert (shifted[0], shifted[2], shifted[-1]) == (1.0, 0.75, 0.0)
