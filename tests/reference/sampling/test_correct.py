"""Colours are held where a shot began, and what is in flight goes with what was corrected."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.correct import ColourCorrection
from lvbench.reference.sampling.generate import SampleRequest
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.world.condition import conditions

FPS = 8.0
OFFSET = 0.25


def prompts_at(begins: bool) -> Prompts:
    """Return the prompts of one frame, lit as a shot is by default."""
    numbers = torch.zeros(1, 1, 7)
    numbers[..., 2:5] = 0.4  # a gain of one
    numbers[..., 5] = float(begins)
    return Prompts(torch.zeros(1, 1, 4), torch.zeros(1, 1, 3, 4), numbers)


def drifted(frames: int, cut: int | None = None) -> list[float]:
    """Return the means of frames that gain 0.01 each, corrected; with another shot from `cut`."""
    match, means = ColourCorrection(FPS), []
    for number in range(frames):
        frame = torch.full((1, 3, 4, 4), 0.01 * number)
        if cut is not None and number >= cut:
            frame += 0.5
        means.append(float((frame + match(frame, prompts_at(number in (0, cut)))).mean()))
    return means


def test_a_drift_is_taken_back_and_the_first_second_is_left_alone() -> None:
    means = drifted(80)
    assert means[:8] == pytest.approx([0.01 * number for number in range(8)])
    assert means[-1] < 0.3 * 0.79


def test_a_cut_begins_anew() -> None:
    means = drifted(60, cut=40)
    assert means[40:48] == pytest.approx([0.5 + 0.01 * number for number in range(40, 48)])


@torch.inference_mode()
@pytest.mark.parametrize("cut", [None, 2])
def test_what_is_in_flight_is_corrected_as_far_as_it_is_no_noise(
    network: LoopNet, requests: list[SampleRequest], cut: int | None
) -> None:
    shots = requests[0].shots[:1]
    if cut is not None:
        shots = (*shots, replace(shots[0], start=cut / FPS))

    def flying(offset: float) -> list[Tensor]:
        rollout = Rollout(
            network,
            Switches(sampler="rolling", steps=3, correct="colour", opening=0),
            lambda start, stop: prompts_of([conditions((shots, FPS), start, stop)]),
            ["a"],
        )
        rollout._match = lambda *_: torch.full((1, 3, 1, 1), offset)  # type: ignore[assignment]
        next(rollout.frames(6))
        assert sorted(rollout._flying) == [1, 2]
        return [rollout._flying[number] for number in (1, 2)]

    moved = [after - before for before, after in zip(flying(0.0), flying(OFFSET), strict=True)]
    # Of three steps, the next frame has taken two and the one after it one; it may begin a shot.
    for found, clean in zip(moved, (2 / 3, 0.0 if cut else 1 / 3), strict=True):
        torch.testing.assert_close(found, torch.full_like(found, clean * OFFSET))
